import { InvalidMessage, PoisonMessage, SerializerDoesNotExist } from '../errors.js';
import type { Message } from '../layer.js';
import { createFernet, type Fernet, type FernetOptions } from './fernet.js';
import { createJsonSerializer } from './json.js';
import type { Serializer } from './message-check.js';
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
  /** Clock and initialisation vectors of the encryption. */
  readonly fernet?: FernetOptions;
}

/** @throws SerializerDoesNotExist; RangeError for an empty key. */
export const createMessageCodec = (options: MessageCodecOptions = {}): MessageCodec => {
  const { serializer: choice = 'msgpack', encryptionKeys = [] } = options;
  const serializer = serializerFrom(choice);
  const fernet: Fernet | undefined =
    encryptionKeys.length === 0 ? undefined : createFernet(encryptionKeys, options.fernet);

  const decodeWithJson = (bytes: Uint8Array): DecodedMessage => {
    const plain = fernet === undefined ? bytes : fernet.decrypt(bytes);
    if (plain === undefined) throw new PoisonMessage('undecryptable');
    const json = serializer.toJson?.(plain);
    // The engine parses JSON faster than a decoder in JavaScript builds objects.
    const value: unknown = json === undefined ? deserialize(serializer, plain) : JSON.parse(json.toString('latin1'));
    return { message: messageFrom(value), json };
  };

  return {
    encode(message) {
      assertMessage(message);
      const bytes = serialize(serializer, message);
      return fernet === undefined ? bytes : fernet.encrypt(bytes);
    },
    decode: (bytes) => decodeWithJson(bytes).message,
    decodeWithJson,
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

const deserialize = (serializer: Serializer, bytes: Uint8Array): unknown => {
  try {
    return serializer.decode(bytes);
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
