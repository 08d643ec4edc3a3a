import type { IncomingMessage } from 'node:http';

/** The parts of a request that show the address it was made to. */
export interface AddressedRequest {
  readonly headers: IncomingMessage['headers'];
  readonly socket: object;
}

/** A name or an address, with or without port. Anything else is not repeated into a page. */
const hostPattern = /^(?:[a-z0-9-]+(?:\.[a-z0-9-]+)*|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;
const prefixPattern = /^(?:\/[\w.~-]+)+$/;

/**
 * The address of the page as its visitor has it, without the slash at the end: by `Host`, and by what trusted proxies
 * say of the scheme (`X-Forwarded-Proto`) and of the path they took off (`X-Forwarded-Prefix`). Undefined where the
 * request does not say.
 */
export const pageAddress = ({ headers, socket }: AddressedRequest, trustedProxies: number): string | undefined => {
  const host = headers.host ?? '';
  if (!hostPattern.test(host)) return undefined;
  /** Each proxy adds its own at the right, as with `X-Forwarded-For`; one that replaces leaves a single entry. */
  const said = (name: string): string => {
    if (trustedProxies === 0) return '';
    const parts = String(headers[name] ?? '').split(',');
    return (parts.at(-trustedProxies) ?? parts.at(0) ?? '').trim();
  };
  const direct = 'encrypted' in socket && socket.encrypted === true ? 'https' : 'http';
  const proto = said('x-forwarded-proto').toLowerCase();
  const prefix = said('x-forwarded-prefix').replace(/\/$/, '');
  const scheme = proto === 'http' || proto === 'https' ? proto : direct;
  return `${scheme}://${host.toLowerCase()}${prefixPattern.test(prefix) ? prefix : ''}`;
};
