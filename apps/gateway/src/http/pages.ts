import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { type RequestHandler, type Response, Router } from 'express';

/**
 * Everything that the page needs comes from this server, and nothing inline may run: no script or style, no frame, no
 * plugin, no text that becomes markup.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self'",
  "manifest-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const headers = {
  'Content-Security-Policy': contentSecurityPolicy,
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
  Vary: 'Accept-Encoding',
};

/** Names in this folder contain the hash of their content, so a response stays valid for ever. */
const hashedFolder = '/assets/';
const yearSeconds = 31_536_000;

/** The build puts these beside each file; the first one that the client accepts is sent. */
const encodings = [
  { name: 'br', ending: '.br' },
  { name: 'gzip', ending: '.gz' },
] as const;

interface PageFile {
  readonly bytes: Buffer;
  readonly etag: string;
}

/**
 * The dashboard as built before the start. It is kept in memory, because the page and its files belong to one build: a
 * later build must not leave a page without its script. Without a build, `/` says so and everything else works.
 */
export const createPages = (folder: string): Router => {
  const files = readFiles(folder);

  const send: RequestHandler = (request, response, next) => {
    const path = request.path === '/' ? '/index.html' : request.path;
    const plain = files.get(path);
    if (plain === undefined) return request.path === '/' ? notBuilt(response) : next();
    const encoding = encodings.find(
      ({ name, ending }) => files.has(path + ending) && request.acceptsEncodings(name) === name,
    );
    const { bytes, etag } = (encoding && files.get(path + encoding.ending)) ?? plain;
    const isHashed = path.startsWith(hashedFolder);
    response
      .set(headers)
      .set('Cache-Control', isHashed ? `public, max-age=${yearSeconds}, immutable` : 'no-cache')
      .set('ETag', etag)
      .type(extname(path));
    if (encoding !== undefined) response.set('Content-Encoding', encoding.name);
    response.send(bytes);
  };

  return Router().get('/{*path}', send);
};

const readFiles = (folder: string): ReadonlyMap<string, PageFile> => {
  const files = new Map<string, PageFile>();
  if (!existsSync(folder)) return files;
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const file = join(folder, name);
    if (!statSync(file).isFile()) continue;
    const bytes = readFileSync(file);
    const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
    files.set(`/${name.replaceAll('\\', '/')}`, { bytes, etag });
  }
  return files;
};

const notBuilt = (response: Response): void => {
  response
    .status(503)
    .type('text')
    .send('Tickwire is running, but its page is not built. Build it with: npm run build\n');
};
