import type { IncomingMessage } from 'node:http';
import { isIP, isIPv6 } from 'node:net';

/**
 * The address of a request's client, for limits. `trustedProxies` proxies stand in front of us, and each adds the
 * address it saw to `X-Forwarded-For`. A client may have made up the entries further left.
 */
export const clientAddress = (
  request: {
    readonly headers: IncomingMessage['headers'];
    readonly socket: Pick<IncomingMessage['socket'], 'remoteAddress'>;
  },
  trustedProxies: number,
): string => {
  const direct = request.socket.remoteAddress ?? '';
  if (trustedProxies === 0) return networkOf(direct);
  const header = request.headers['x-forwarded-for'];
  const heard = (Array.isArray(header) ? header.join(',') : (header ?? '')).split(',').map((part) => part.trim());
  const address = bare(heard.at(-trustedProxies) ?? '');
  return networkOf(isIP(address) === 0 ? direct : address);
};

/** Without the port that some proxies add. */
const bare = (text: string): string =>
  /^\[([0-9a-fA-F:.]+)\](:\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;

/**
 * IPv4 unchanged, even when IPv6 only carries it (mapped, or from a NAT64 gateway: otherwise all of it would be one
 * address). For IPv6, the first 64 bits: what one subscriber gets.
 */
export const networkOf = (address: string): string => {
  if (!isIPv6(address)) return address;
  const parts = partsOf(address);
  const prefix = parts.slice(0, 6).join(':');
  if (prefix === '0:0:0:0:0:ffff' || prefix === '64:ff9b:0:0:0:0') {
    return parts
      .slice(6)
      .map((part) => Number.parseInt(part, 16))
      .map((value) => `${value >> 8}.${value & 255}`)
      .join('.');
  }
  return parts.slice(0, 4).join(':');
};

/** The eight parts in lower case without leading zeros, whatever the abbreviation. */
const partsOf = (address: string): readonly string[] => {
  const [withoutZone = ''] = address.split('%', 1);
  const hex = withoutZone.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_all, ...bytes: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = bytes.slice(0, 4).map(Number);
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
  const [before = '', after] = hex.split('::');
  const head = before === '' ? [] : before.split(':');
  const tail = after === undefined || after === '' ? [] : after.split(':');
  const filled = [...head, ...Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0'), ...tail];
  return filled.map((part) => Number.parseInt(part, 16).toString(16));
};
