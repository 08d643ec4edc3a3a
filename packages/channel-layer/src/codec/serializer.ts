import type { Message } from '../layer.js';

/** Turns checked messages into bytes. `decode` may return or throw anything: the codec checks it. */
export interface Serializer {
  encode(message: Message): Uint8Array;
  decode(bytes: Uint8Array): unknown;
}
