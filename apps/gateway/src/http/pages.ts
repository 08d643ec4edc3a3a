import { existsSync } from 'node:fs';
import { join } from 'node:path';
import express, { type RequestHandler, type Response, Router } from 'express';

/**
 * Everything the page needs comes from here, and nothing inside it may run: no inline script or style, no frame, no
 * plugin, no text that becomes markup.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const headers = {
  'Content-Security-Policy': contentSecurityPolicy,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
};

/** Names in there have the hash of their content: what was fetched once is good for ever. */
const hashedFolder = '/assets/';
const yearSeconds = 31_536_000;

/** The build leaves these beside each file; the first that a client takes is sent. */
const encodings = [
  { name: 'br', ending: '.br' },
  { name: 'gzip', ending: '.gz' },
] as const;

/** The dashboard as it was built. Without a build the page says so, and all else works. */
export const createPages = (folder: string): Router => {
  const router = Router();
  const files = express.static(folder, {
    index: false,
    etag: true,
    redirect: false,
    setHeaders: (response, path) => {
      const isHashed = path.slice(folder.length).replaceAll('\\', '/').startsWith(hashedFolder);
      response.set('Cache-Control', isHashed ? `public, max-age=${yearSeconds}, immutable` : 'no-cache');
    },
  });

  const chooseFile: RequestHandler = (request, response, next) => {
    response.set(headers);
    const path = request.path === '/' ? '/index.html' : request.path;
    const encoding = encodings.find(({ name, ending }) => {
      return request.acceptsEncodings(name) === name && existsSync(join(folder, `${path}${ending}`));
    });
    request.url = path;
    if (encoding !== undefined) {
      request.url = `${path}${encoding.ending}`;
      response.set('Content-Encoding', encoding.name);
      response.type(path.slice(path.lastIndexOf('.')));
    }
    response.vary('Accept-Encoding');
    files(request, response, next);
  };

  router.get('/{*path}', (request, response, next) => {
    const requested = request.url;
    const isPage = request.path === '/';
    chooseFile(request, response, (error?: unknown) => {
      request.url = requested;
      if (error === undefined && isPage) return notBuilt(response);
      next(error);
    });
  });
  return router;
};

const notBuilt = (response: Response): void => {
  response.removeHeader('Content-Encoding');
  response
    .status(503)
    .type('text')
    .send('Tickwire is running, but its page has not been built: npm run build\n');
};
