import type { Position } from '@tickwire/protocol';

/**
 * Positions a client comes back with, by channel: `<channel>:<epoch>:<seq>` separated by commas. Undefined for anything
 * else. An epoch of another writer may hold colons: the first and the last one part the three.
 */
export const parseSince = (text: string): ReadonlyMap<string, Position> | undefined => {
  const positions = new Map<string, Position>();
  for (const entry of text.split(',')) {
    if (entry === '') continue;
    const [, channel, epoch, digits] = /^([^:]+):(.+):(\d+)$/.exec(entry) ?? [];
    const seq = Number(digits);
    if (channel === undefined || epoch === undefined || !Number.isSafeInteger(seq)) return undefined;
    positions.set(channel, { seq, epoch });
  }
  return positions;
};
