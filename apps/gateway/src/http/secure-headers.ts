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
  // HSTS is left to the proxy that ends TLS: it may serve other sites under this name.
  strictTransportSecurity: false,
});
