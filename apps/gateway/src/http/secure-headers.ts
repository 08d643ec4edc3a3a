import helmet from 'helmet';

/** Nothing may be made of an answer but what it is. Pages set a policy of their own. */
export const secureHeaders = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
  },
  xFrameOptions: { action: 'deny' },
  // For whoever ends TLS in front: it may serve more under this name than us.
  strictTransportSecurity: false,
});
