import type { ChannelNotice, Publication, WireFormat } from '@tickwire/hub';
import type { Position } from '@tickwire/protocol';

/** What a client reads. */
export type Item =
  | { readonly kind: 'publication'; readonly publication: Publication; readonly skipped: number }
  | { readonly kind: 'notice'; readonly notice: ChannelNotice }
  | { readonly kind: 'snapshot'; readonly snapshot: ReadSnapshot };

export interface ReadSnapshot {
  readonly channel: string;
  readonly since: Position | undefined;
  readonly recovered: boolean;
  readonly position: Position | undefined;
  readonly publications: readonly Publication[];
}

/** The encoding of a schedule: bytes are the numbers of items in a table, so that a client reads them in no time. */
export interface ItemFormat extends WireFormat {
  encode(item: Item): Uint8Array;
  decode(bytes: Uint8Array): readonly Item[];
}

const itemBytes = 4;
/** Reads from any bytes, without making a Buffer of them. */
const { readUInt32LE } = Buffer.prototype;

export const createItemFormat = (): ItemFormat => {
  const items: Item[] = [];
  const encode = (item: Item): Uint8Array => {
    const bytes = Buffer.allocUnsafe(itemBytes);
    bytes.writeUInt32LE(items.length);
    items.push(item);
    return bytes;
  };
  const codec: WireFormat['codec'] = {
    encodePublication: (publication, skipped) => encode({ kind: 'publication', publication, skipped }),
    encodeNotice: (notice) => encode({ kind: 'notice', notice }),
  };
  return {
    name: 'item',
    codec,
    frame: (payload) => payload,
    encode,
    decode(bytes) {
      const read: Item[] = [];
      for (let at = 0; at < bytes.length; at += itemBytes) {
        const item = items[readUInt32LE.call(bytes, at)];
        if (item !== undefined) read.push(item);
      }
      return read;
    },
  };
};
