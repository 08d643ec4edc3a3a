import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { type RequestHandler, type Response, Router } from 'express';
import { type AddressedRequest, pageAddress } from './page-address.js';

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

/** A program that makes the preview of a link does not resolve the picture's address. */
const relativePicture = '<meta property="og:image" content="./';
/** Addresses under which the page is asked for; more than these are made up, and cost their work each time. */
const maxAddresses = 16;
const quickBrotli = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } };

interface PageFile {
  readonly bytes: Buffer;
  readonly etag: string;
}

type PageFiles = ReadonlyMap<string, PageFile>;

/**
 * The dashboard as built before the start. It is kept in memory, because the page and its files belong to one build: a
 * later build must not leave a page without its script. Without a build, `/` says so and everything else works. The
 * address of the picture for links is that of the request.
 */
export const createPages = (folder: string, trustedProxies = 0): Router => {
  const files = readFiles(folder);
  const index = files.get('/index.html')?.bytes.toString();
  const addressed = new Map<string, PageFiles>();

  const filesFor = (request: AddressedRequest): PageFiles => {
    const address = pageAddress(request, trustedProxies);
    if (index?.includes(relativePicture) !== true || address === undefined) return files;
    const known = addressed.get(address);
    if (known !== undefined) return known;
    const made = addressedPage(index, address);
    if (addressed.size < maxAddresses) addressed.set(address, made);
    return made;
  };

  const send: RequestHandler = (request, response, next) => {
    const path = request.path === '/' ? '/index.html' : request.path;
    const from = path === '/index.html' ? filesFor(request) : files;
    const plain = from.get(path);
    if (plain === undefined) return request.path === '/' ? notBuilt(response) : next();
    const encoding = encodings.find(
      ({ name, ending }) => from.has(path + ending) && request.acceptsEncodings(name) === name,
    );
    const { bytes, etag } = (encoding && from.get(path + encoding.ending)) ?? plain;
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

const addressedPage = (index: string, address: string): PageFiles => {
  const bytes = Buffer.from(index.replace(relativePicture, relativePicture.replace('./', `${address}/`)));
  return new Map([
    ['/index.html', pageFile(bytes)],
    ['/index.html.br', pageFile(brotliCompressSync(bytes, quickBrotli))],
    ['/index.html.gz', pageFile(gzipSync(bytes))],
  ]);
};

const pageFile = (bytes: Buffer): PageFile => ({
  bytes,
  etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`,
});

const readFiles = (folder: string): PageFiles => {
  const files = new Map<string, PageFile>();
  if (!existsSync(folder)) return files;
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const file = join(folder, name);
    if (!statSync(file).isFile()) continue;
    files.set(`/${name.replaceAll('\\', '/')}`, pageFile(readFileSync(file)));
  }
  return files;
};

const notBuilt = (response: Response): void => {
  response
    .status(503)
    .type('text')
    .send('Tickwire is running, but its page is not built. Build it with: npm run build\n');
};
