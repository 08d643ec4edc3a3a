import type { IncomingMessage } from 'node:http';
import { isIP, isIPv6 } from 'node:net';

/**
 * Who a request comes from, as far as limits are concerned. `trustedProxies` of them stand in front of us, and each
 * wrote whom it heard into `X-Forwarded-For`: what stands further left a client may have made up.
 */
export const clientAddress = (
  request: {
    readonly headers: IncomingMessage['headers'];
    readonly socket: Pick<IncomingMessage['socket'], 'remoteAddress'>;
  },
  trustedProxies: number,
): string => {
  const direct = request.socket.remoteAddress ?? '';
  if (trustedProxies === 0) return network(direct);
  const header = request.headers['x-forwarded-for'];
  const heard = (Array.isArray(header) ? header.join(',') : (header ?? '')).split(',').map((part) => part.trim());
  const address = bare(heard.at(-trustedProxies) ?? '');
  return network(isIP(address) === 0 ? direct : address);
};

/** Without the port that some proxies write. */
const bare = (text: string): string =>
  /^\[([0-9a-fA-F:.]+)\](:\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;

/** IPv4 as it is; of IPv6 the first 64 bits, which is what one subscriber gets. */
const network = (address: string): string => {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined || !isIPv6(address)) return mapped ?? address;
  const [before = '', after] = address.split('%', 1)[0]?.split('::') ?? [];
  const head = before === '' ? [] : before.split(':');
  const tail = after === undefined || after === '' ? [] : after.split(':');
  const filled = [...head, ...Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0'), ...tail];
  return filled
    .slice(0, 4)
    .map((part) => Number.parseInt(part, 16).toString(16))
    .join(':');
};
