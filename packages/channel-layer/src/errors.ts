/** The base of an error class: its instances carry their name, and a code for callers that cannot use `instanceof`. */
const namedError = <Name extends string, Code extends string>(name: Name, code: Code) =>
  class extends Error {
    override readonly name = name;
    readonly code = code;
  };

interface UncertainOptions extends ErrorOptions {
  readonly mayHaveRun?: boolean;
}

/** `send` to a full mailbox. Nothing was stored; trying again later may succeed. */
export class ChannelFull extends namedError('ChannelFull', 'CHANNEL_FULL') {
  readonly channel: string;

  constructor(channel: string, capacity: number) {
    super(`channel ${channel} is full: ${capacity} messages are waiting`);
    this.channel = channel;
  }
}

/** A group or channel name that Channels would reject, or a non-ASCII name that it accepts by accident. */
export class InvalidName extends namedError('InvalidName', 'INVALID_NAME') {}

/** A message that some reader of the group could not read as intended. Nothing was sent. */
export class InvalidMessage extends namedError('InvalidMessage', 'INVALID_MESSAGE') {}

/** `groupAdd` of a channel that was not made in this process; the layer cannot deliver to it. */
export class UnknownChannel extends namedError('UnknownChannel', 'UNKNOWN_CHANNEL') {}

/** A pending `receive` whose channel was released, or removed by `flush`. */
export class ChannelReleased extends namedError('ChannelReleased', 'CHANNEL_RELEASED') {
  constructor(channel: string) {
    super(`channel ${channel} was released`);
  }
}

/** The layer was closed by its owner. */
export class LayerClosed extends namedError('LayerClosed', 'LAYER_CLOSED') {
  constructor() {
    super('the channel layer is closed');
  }
}

/**
 * The server behind the layer cannot be reached now. A send that failed with this may or may not have been carried out;
 * the layer does not repeat it, and keeps no queue of its own.
 */
export class LayerUnavailable extends namedError<string, string>('LayerUnavailable', 'LAYER_UNAVAILABLE') {
  /** The connection broke before the answer came. Otherwise nothing was carried out. */
  readonly mayHaveRun: boolean;

  constructor(message: string, options: UncertainOptions = {}) {
    super(message, options);
    this.mayHaveRun = options.mayHaveRun ?? false;
  }
}

/**
 * The server answers, but rejects a client with these settings: the password, the certificate or the protocol is wrong.
 * Waiting does not help.
 */
export class LayerRejected extends LayerUnavailable {
  override readonly name = 'LayerRejected';
  override readonly code = 'LAYER_REJECTED';
}

/** A serializer name that is not built in, and not an object with `encode` and `decode`. */
export class SerializerDoesNotExist extends namedError('SerializerDoesNotExist', 'SERIALIZER_DOES_NOT_EXIST') {}

/** Few and fixed, so that counters can be kept by reason. */
export type PoisonReason =
  /** No key decrypts it: plain text, another key, or damaged. */
  | 'undecryptable'
  /** Not the serializer's output: bad bytes, extra bytes, a map key that is not a string, an extension type. */
  | 'unreadable'
  /** More bytes, or more values in it, than this process reads. */
  | 'too-large'
  | 'not-a-map'
  /** No `type`, or one that is not a non-empty string. */
  | 'no-type'
  /** A `type` that Channels rejects: a leading underscore or dot. */
  | 'refused-type';

/** Received bytes that are not a message. The receiver counts it and continues. */
export class PoisonMessage extends namedError('PoisonMessage', 'POISON_MESSAGE') {
  readonly reason: PoisonReason;

  constructor(reason: PoisonReason, options?: ErrorOptions) {
    super(`poison message: ${reason}`, options);
    this.reason = reason;
  }
}

/**
 * A batch or range that no store could accept: a `seq` that is not a positive integer, or a message without its
 * position. Nothing was sent.
 */
export class InvalidHistoryRequest extends namedError('InvalidHistoryRequest', 'INVALID_HISTORY_REQUEST') {}

/** Redis is at `maxmemory` and may not evict keys. The script wrote nothing; repeating it later is safe. */
export class RedisOutOfMemory extends namedError('RedisOutOfMemory', 'REDIS_OUT_OF_MEMORY') {}

/**
 * No answer, or a temporary error: the connection broke, or Redis is loading, is a replica, or has too few replicas.
 * Repeating an append or an acquire is safe.
 */
export class RedisUnavailable extends namedError('RedisUnavailable', 'REDIS_UNAVAILABLE') {
  /** It is unknown whether the script ran. Otherwise it did not. */
  readonly mayHaveRun: boolean;

  constructor(message: string, options: UncertainOptions = {}) {
    super(message, options);
    this.mayHaveRun = options.mayHaveRun ?? true;
  }
}

/** A permanent error: a missing permission, a key of another type, an unknown command. */
export class RedisRefused extends namedError('RedisRefused', 'REDIS_REFUSED') {}
