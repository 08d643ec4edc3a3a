import type { MessageCodec } from '../codec/codec.js';
import type { Message } from '../layer.js';

/** msgpack of the last two fields where they are '' and 1. */
const end = Buffer.concat([
  Buffer.from([0xa5]),
  Buffer.from('epoch'),
  Buffer.from([0xa0, 0xa3]),
  Buffer.from('seq'),
  Buffer.from([1]),
]);
/** What of it stands before the value of `epoch`. */
const kept = 6;

/**
 * A message whose position is still open: its bytes up to the value of `epoch`, for a script to complete. Undefined where
 * bytes cannot be completed by who has no key, or speaks no other format.
 */
export const encodeOpen = (codec: MessageCodec, message: Message): Uint8Array | undefined => {
  const bytes = Buffer.from(codec.encode({ ...message, epoch: '', seq: 1 }));
  return bytes.subarray(-end.length).equals(end) ? bytes.subarray(0, bytes.length - end.length + kept) : undefined;
};
