import { existsSync, readdirSync } from 'node:fs';
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

/** The dashboard as it was built before the start. Without a build `/` says so, and all else works. */
export const createPages = (folder: string): Router => {
  const files = new Set(pathsIn(folder));
  const serve = express.static(folder, {
    index: false,
    redirect: false,
    setHeaders: (response, file) => {
      const isHashed = file.slice(folder.length).replaceAll('\\', '/').startsWith(hashedFolder);
      response.set('Cache-Control', isHashed ? `public, max-age=${yearSeconds}, immutable` : 'no-cache');
    },
  });

  const send: RequestHandler = (request, response, next) => {
    const path = request.path === '/' ? '/index.html' : request.path;
    if (!files.has(path)) return request.path === '/' ? notBuilt(response) : next();
    const encoding = encodings.find(
      ({ name, ending }) => files.has(path + ending) && request.acceptsEncodings(name) === name,
    );
    response.set(headers).vary('Accept-Encoding');
    if (encoding !== undefined) {
      // By its own ending it would be sent as an archive.
      response.set('Content-Encoding', encoding.name).type(path.slice(path.lastIndexOf('.')));
    }
    request.url = path + (encoding?.ending ?? '');
    serve(request, response, next);
  };

  return Router().get('/{*path}', send);
};

const pathsIn = (folder: string): readonly string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => `/${name.replaceAll('\\', '/')}`)
    : [];

const notBuilt = (response: Response): void => {
  response.status(503).type('text').send('Tickwire is running, but its page is not built. Build it with: npm run build\n');
};
