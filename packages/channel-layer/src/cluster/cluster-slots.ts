import { types } from 'node:util';

/** `host:port` of a node, as the cluster names it. */
export type NodeLabel = string;

export interface SlotRange {
  readonly first: number;
  readonly last: number;
  readonly master: NodeLabel;
}

/** A node's answer that another node must be asked: from now on (MOVED), or only this time (ASK). */
export interface Redirection {
  readonly kind: 'MOVED' | 'ASK';
  readonly slot: number;
  readonly target: NodeLabel;
}

/** Reads the reply of CLUSTER SLOTS. `host` is the host of the answering node, which may leave out its own. */
export const toSlotRanges = (reply: unknown, host: string): readonly SlotRange[] => {
  if (!Array.isArray(reply)) throw new TypeError('CLUSTER SLOTS returned no list');
  return reply.map((range: unknown) => {
    const [first, last, master] = range as [number, number, [Buffer | null, number]];
    return {
      first: Number(first),
      last: Number(last),
      master: `${hostOr(host, String(master[0] ?? ''))}:${master[1]}`,
    };
  });
};

/** Where an error of a connection redirects to; undefined for any other error. */
export const redirectionOf = (error: unknown, host: string): Redirection | undefined => {
  for (const each of [error, types.isNativeError(error) ? error.cause : undefined]) {
    const text = types.isNativeError(each) && each.name === 'ReplyError' ? each.message : '';
    const [, kind, slot, to, port] = /^(MOVED|ASK) (\d+) (\S*):(\d+)/.exec(text) ?? [];
    if (kind === 'MOVED' || kind === 'ASK') return { kind, slot: Number(slot), target: `${hostOr(host, to)}:${port}` };
  }
  return undefined;
};

/**
 * Redis 7 leaves out a host it does not know, and writes `?` for one it must not name: then it is the answering node's.
 */
const hostOr = (host: string, given = ''): string => (given === '' || given === '?' ? host : given);

export const splitLabel = (label: NodeLabel): { readonly host: string; readonly port: number } => {
  const colon = label.lastIndexOf(':');
  return { host: label.slice(0, colon), port: Number(label.slice(colon + 1)) };
};

/** A bound for an inconsistent cluster, in which two nodes name each other as the owner. */
export const maxRedirections = 5;

/** Number of slots of a Redis Cluster. */
export const slotCount = 16_384;

/** CRC-16/XMODEM, as Redis Cluster hashes keys and sharded channels (https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/). */
const table = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit += 1) crc = (crc & 0x8000) === 0 ? crc << 1 : (crc << 1) ^ 0x1021;
  return crc;
});

/** The cluster slot of a key or sharded channel: computed from the text between its first braces, if there is any. */
export const hashSlot = (name: string): number => {
  const opening = name.indexOf('{');
  const closing = opening === -1 ? -1 : name.indexOf('}', opening);
  const hashed = closing > opening + 1 ? name.slice(opening + 1, closing) : name;
  let crc = 0;
  for (const byte of Buffer.from(hashed)) crc = ((crc << 8) ^ (table[(crc >> 8) ^ byte] as number)) & 0xffff;
  return crc % slotCount;
};
