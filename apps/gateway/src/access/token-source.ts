import type { IncomingMessage } from 'node:http';

/**
 * The token of a request: `Authorization: Bearer`, else `?token=`, else the cookie if one is configured. A browser
 * cannot set headers of a WebSocket; the cookie is safe there because the origin is checked.
 */
export const tokenOf = (
  request: Pick<IncomingMessage, 'headers'>,
  query: URLSearchParams,
  cookie: string | undefined,
): string | undefined =>
  /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1] ??
  query.get('token') ??
  (cookie === undefined ? undefined : cookieOf(request.headers.cookie ?? '', cookie));

const cookieOf = (header: string, name: string): string | undefined => {
  for (const pair of header.split(';')) {
    const at = pair.indexOf('=');
    if (at !== -1 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return undefined;
};
