import type { IncomingMessage } from 'node:http';
import type { StateLog } from '@tickwire/runtime';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import helmet from 'helmet';

/** Browsers must neither run nor frame an answer. Pages set their own policy. */
const secureHeaders = helmet({
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

export interface ExpressAppOptions {
  /** Adds what the app serves. */
  readonly serve: (app: Express) => void;
  /** Answers paths that do not exist. */
  readonly missing: RequestHandler;
  /** Counts and logs requests that failed for a reason of ours. */
  readonly failures: Pick<StateLog, 'failed'>;
}

/**
 * An app with a frame around what it serves. A target that cannot be read is answered before anything else reads it. A
 * failure is answered in one sentence that shows nothing of the inside or of the request, whatever NODE_ENV is.
 */
export const createExpressApp = ({ serve, missing, failures }: ExpressAppOptions): Express => {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.use(secureHeaders);
  app.use((request, response, next) => {
    if (!hasGoodHost(request)) response.set('Connection', 'close').status(400).json({ error: 'bad Host header' });
    else if (parseTarget(request.url) === undefined) response.status(400).json({ error: 'bad request target' });
    else next();
  });
  serve(app);
  app.use(missing);
  const onError: ErrorRequestHandler = (error: unknown, _request, response, _next) => {
    const status = statusOf(error);
    if (status === 500) failures.failed({ err: error });
    if (response.headersSent) response.destroy();
    else response.status(status).json({ error: status === 500 ? 'internal error' : 'bad request' });
  };
  app.use(onError);
  return app;
};

/** Returns the target of a request as a URL of ours with a decoded path; undefined if it cannot be read. */
export const parseTarget = (target: string | undefined): URL | undefined => {
  try {
    const url = new URL(target ?? '/', 'http://gateway');
    url.pathname = decodeURIComponent(url.pathname);
    return url;
  } catch {
    return undefined;
  }
};

/** RFC 9110, 7.2: a host with or without a port; no user, no path, no space. */
const hostPattern = /^(?:\[[0-9a-z:.%]+\]|(?:[\w.~!$&'()*+,;=-]|%[0-9a-f]{2})+)(?::\d*)?$/i;

/**
 * Whether a request names one host, as RFC 9112, 3.2, requires. Node keeps the first of several, while a proxy before
 * us may have checked another one. HTTP/1.0 has none; Node itself rejects HTTP/1.1 without.
 */
export const hasGoodHost = ({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>): boolean => {
  let seen = 0;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    if (rawHeaders[at]?.toLowerCase() !== 'host') continue;
    seen += 1;
    if (seen > 1 || !hostPattern.test(rawHeaders[at + 1] ?? '')) return false;
  }
  return true;
};

/** Express and its parsers set a status if the client is to blame. */
const statusOf = (error: unknown): number => {
  const status = error instanceof Error && 'status' in error ? Number(error.status) : 500;
  return status >= 400 && status < 500 ? status : 500;
};
