import { InvalidMessage, PoisonMessage, SerializerDoesNotExist } from '../errors.js';
import type { Message } from '../layer.js';
import { createFernet, type Fernet, fernetTokenBytes } from './fernet.js';
import { createJsonSerializer } from './json.js';
import type { Serializer, ValueLimits } from './message-check.js';
import { assertMessage, hasType, isDispatchable, isPlainObject } from './message-check.js';
import { createMsgpackSerializer } from './msgpack.js';

/** Converts messages to bytes and back: the whole payload of a Redis PUBLISH, without an envelope. */
export interface MessageCodec {
  /**
   * The bytes belong to the caller. @throws InvalidMessage for a message that some reader could not read as intended.
   */
  encode(message: Message): Uint8Array;
  /**
   * Returns a new message on each call. Its byte fields may be views of `bytes`. Unknown types are left to the reader.
   * @throws PoisonMessage with one of a few fixed reasons.
   */
  decode(bytes: Uint8Array): Message;
  /** The same, with the message's JSON text if it costs nothing. */
  decodeWithJson(bytes: Uint8Array): DecodedMessage;
  /** Longer payloads are not decoded. */
  readonly maxPayloadBytes: number;
}

export interface DecodedMessage {
  readonly message: Message;
  readonly json: Uint8Array | undefined;
}

export interface MessageCodecOptions {
  /** As `serializer_format` of channels_redis, where the name stands for a built-in one. @default 'msgpack' */
  readonly serializer?: 'msgpack' | 'json' | Serializer;
  /**
   * As `symmetric_encryption_keys` of channels_redis: the first encrypts, any decrypts. An empty list means no
   * encryption. channels_redis' pub/sub layer before 4.2.1 accepts such keys and still sends plain text. @default []
   */
  readonly encryptionKeys?: readonly string[];
  /**
   * The size of a message, in bytes of the serializer. Larger ones, and those with more than one key or value in 16 bytes
   * of it or one map in 128, are neither sent nor decoded: decoding one would hold up all others. A text of this size is
   * decoded in 5 ms, the most keys and maps in 20. @default 1_048_576
   */
  readonly maxMessageBytes?: number;
}

/** A message is measured without its position, which is added later. */
const positionBytes = 512;
const positionValues = 4;
const bytesPerValue = 16;
/** A map costs much more than a number: the engine makes a class of objects of each set of keys that it has not seen. */
const bytesPerMap = 128;

/** @throws SerializerDoesNotExist; RangeError for an empty key. */
export const createMessageCodec = (options: MessageCodecOptions = {}): MessageCodec => {
  const { serializer: choice = 'msgpack', encryptionKeys = [], maxMessageBytes = 1_048_576 } = options;
  const serializer = serializerFrom(choice);
  const fernet: Fernet | undefined = encryptionKeys.length === 0 ? undefined : createFernet(encryptionKeys);

  const sent: ValueLimits = {
    maxValues: Math.floor(maxMessageBytes / bytesPerValue),
    maxMaps: Math.floor(maxMessageBytes / bytesPerMap),
  };
  const received: ValueLimits = { ...sent, maxValues: sent.maxValues + positionValues };
  const maxPlainBytes = maxMessageBytes + positionBytes;
  const maxPayloadBytes = fernet === undefined ? maxPlainBytes : fernetTokenBytes(maxPlainBytes);

  const isBeyond = (bytes: Uint8Array, limits: ValueLimits): boolean =>
    bytes.length > limits.maxMaps && serializer.isBeyond?.(bytes, limits) === true;

  const assertSmall = (bytes: Uint8Array): void => {
    if (bytes.length > maxMessageBytes) {
      throw new InvalidMessage(`it has ${bytes.length} bytes; ${maxMessageBytes} are allowed`);
    }
    if (isBeyond(bytes, sent)) {
      const { maxValues, maxMaps } = sent;
      throw new InvalidMessage(
        `it has more than the ${maxValues} keys and values, or ${maxMaps} maps, that are allowed`,
      );
    }
  };

  const decodeWithJson = (bytes: Uint8Array): DecodedMessage => {
    if (bytes.length > maxPayloadBytes) throw new PoisonMessage('too-large');
    const plain = fernet === undefined ? bytes : fernet.decrypt(bytes);
    if (plain === undefined) throw new PoisonMessage('undecryptable');
    if (readable(() => isBeyond(plain, received))) throw new PoisonMessage('too-large');
    const json = serializer.toJson?.(plain);
    // The engine parses JSON faster than a decoder in JavaScript builds objects.
    const value: unknown =
      json === undefined ? readable(() => serializer.decode(plain)) : JSON.parse(json.toString('latin1'));
    return { message: messageFrom(value), json };
  };

  return {
    encode(message) {
      assertMessage(message);
      const bytes = serialize(serializer, message);
      assertSmall(bytes);
      return fernet === undefined ? bytes : fernet.encrypt(bytes);
    },
    decode: (bytes) => decodeWithJson(bytes).message,
    decodeWithJson,
    maxPayloadBytes,
  };
};

const serializerFrom = (choice: 'msgpack' | 'json' | Serializer): Serializer => {
  if (choice === 'msgpack') return createMsgpackSerializer();
  if (choice === 'json') return createJsonSerializer();
  if (typeof choice?.encode === 'function' && typeof choice.decode === 'function') return choice;
  throw new SerializerDoesNotExist(
    `a serializer is 'msgpack', 'json' or an object with encode and decode, not ${String(choice)}`,
  );
};

const serialize = (serializer: Serializer, message: Message): Uint8Array => {
  try {
    return serializer.encode(message);
  } catch (error) {
    if (error instanceof InvalidMessage) throw error;
    throw new InvalidMessage(`the serializer rejected it: ${String(error)}`, { cause: error });
  }
};

const readable = <T>(read: () => T): T => {
  try {
    return read();
  } catch (error) {
    throw new PoisonMessage('unreadable', { cause: error });
  }
};

const messageFrom = (value: unknown): Message => {
  if (!isPlainObject(value)) throw new PoisonMessage('not-a-map');
  if (!hasType(value)) throw new PoisonMessage('no-type');
  if (!isDispatchable(value.type)) throw new PoisonMessage('refused-type');
  return value;
};
