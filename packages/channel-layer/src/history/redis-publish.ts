import type { MessageCodec } from '../codec/codec.js';
import { RedisRefused, RedisUnavailable } from '../errors.js';
import type { GroupPublisher, PublishResult } from '../history.js';
import type { Message } from '../layer.js';
import { checkPublish } from './check-request.js';
import type { HistoryKeys } from './keys.js';
import { digestOf, newEpoch } from './keys.js';
import { loadScript, type ScriptClient } from './scripts.js';

export interface RedisPublishOptions {
  readonly client: ScriptClient;
  readonly codec: Pick<MessageCodec, 'encode' | 'decode'>;
  readonly keys: HistoryKeys;
  readonly positionTtlMs: number;
}

/** Most attempts for a message, when others are published first each time. */
const maxAttempts = 100;

interface Expected {
  readonly epoch: string;
  readonly seq: number;
}

/** One script call a message; for encrypted messages and JSON, one for each attempt at a position. */
export const createRedisPublish = (options: RedisPublishOptions): GroupPublisher['publish'] => {
  const { client, codec, keys, positionTtlMs } = options;
  const script = loadScript('publish');

  return async (group, message, publishOptions) => {
    checkPublish(group, message, publishOptions);
    const { historySize, historyTtlMs, once, fence = 0 } = publishOptions;
    const fresh = newEpoch();
    const address = keys.channel(group);
    const scriptKeys = [keys.position(group), keys.history(group)];
    if (once !== undefined) scriptKeys.push(keys.once(group, digestOf(once.key)));
    const last = once === undefined ? [] : [digestOf(once.content), once.rememberedMs];

    const run = async (bytes: Uint8Array, epoch: string, seq: number | ''): Promise<PublishResult | Expected> => {
      const args = [positionTtlMs, keys.publishCommand, address, historySize, historyTtlMs, fresh];
      return resultOf(await client.run(script, address, scriptKeys, [...args, bytes, epoch, seq, fence, ...last]));
    };

    const open = encodeOpen(codec, message);
    let next: Expected = { epoch: fresh, seq: 1 };
    for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
      const result = await (open === undefined
        ? run(codec.encode(positioned(message, next)), next.epoch, next.seq)
        : run(open, '', ''));
      if ('outcome' in result) return result;
      next = result;
    }
    throw new RedisUnavailable(`${group}: others published first, ${maxAttempts} times in a row`, {
      mayHaveRun: false,
    });
  };
};

const positioned = (message: Message, { epoch, seq }: Expected): Message => ({ ...message, epoch, seq });

/** Reads the reply of `publish.lua`: how it went, or the position to try next. */
const resultOf = (reply: unknown): PublishResult | Expected => {
  const [outcome, first, seq, token] = (reply as readonly unknown[]).map(String);
  const position = { epoch: first ?? '', seq: Number(seq) };
  const fence = Number(token);
  switch (outcome) {
    case 'appended':
    case 'repeated':
      return {
        outcome: outcome === 'appended' ? 'published' : outcome,
        position,
        ...(fence > 0 && { fence }),
      };
    case 'fenced':
      return { outcome, fence: Number(first) };
    case 'moved':
      return { epoch: position.epoch, seq: position.seq + 1 };
    case 'reused':
    case 'owned':
      return { outcome };
    case 'rejected':
      // Not of this channel alone, and nothing that another name would help.
      if (position.epoch.startsWith('NOPERM')) throw new RedisRefused(position.epoch);
      return { outcome: 'rejected', reason: position.epoch };
    default:
      throw new TypeError(`publish.lua answered ${outcome}`);
  }
};

/** msgpack of the last two fields, with the values '' and 1. */
const end = Buffer.concat([
  Buffer.from([0xa5]),
  Buffer.from('epoch'),
  Buffer.from([0xa0, 0xa3]),
  Buffer.from('seq'),
  Buffer.from([1]),
]);
/** Bytes before the value of `epoch`. */
const kept = 6;

/**
 * Encodes a message without its position: the bytes up to the value of `epoch`, for a script to complete. Undefined if
 * a script cannot complete them, because they are encrypted or not msgpack.
 */
const encodeOpen = (codec: Pick<MessageCodec, 'encode'>, message: Message): Uint8Array | undefined => {
  const bytes = Buffer.from(codec.encode({ ...message, epoch: '', seq: 1 }));
  return bytes.subarray(-end.length).equals(end) ? bytes.subarray(0, bytes.length - end.length + kept) : undefined;
};
