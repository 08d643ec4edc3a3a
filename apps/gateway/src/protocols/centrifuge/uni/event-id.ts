import { crc32 } from 'node:zlib';
import type { Position } from '@tickwire/protocol';

/**
 * The id of an event: where its stream stands on every channel it follows, behind that event. A browser sends it back
 * as `Last-Event-ID`, with the same URL, so the channels need not be in it; their checksum shows that they are the same.
 *
 *     3w5e11,Zk3v1c0a:1042,Zk3v1c0b:77
 */
export const eventId = (channels: readonly string[], positionOf: (channel: string) => Position | undefined): string => {
  const entries = channels.map((channel) => {
    const position = positionOf(channel);
    // Header fields allow only some characters.
    return position === undefined ? '' : `${encodeURIComponent(position.epoch)}:${position.seq}`;
  });
  return [checksum(channels), ...entries].join(',');
};

/** Returns the positions by channel; undefined if the text is not an id of a stream of these channels. */
export const parseEventId = (
  id: string,
  channels: readonly string[],
): ReadonlyMap<string, Position | undefined> | undefined => {
  const [sum, ...entries] = id.split(',');
  if (sum !== checksum(channels) || entries.length !== channels.length) return undefined;
  const positions = new Map<string, Position | undefined>();
  for (const [index, channel] of channels.entries()) {
    const entry = entries[index] ?? '';
    const position = parseEntry(entry);
    if (position === undefined && entry !== '') return undefined;
    positions.set(channel, position);
  }
  return positions;
};

const parseEntry = (entry: string): Position | undefined => {
  const match = /^([^:]+):(\d{1,16})$/.exec(entry);
  const epoch = decode(match?.[1] ?? '');
  const seq = Number(match?.[2]);
  return epoch === '' || !Number.isSafeInteger(seq) ? undefined : { epoch, seq };
};

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
};

const checksum = (channels: readonly string[]): string => crc32(channels.join(',')).toString(36);
