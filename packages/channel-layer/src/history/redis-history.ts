import type { MessageCodec } from '../codec/codec.js';
import { PoisonMessage, RedisOutOfMemory, RedisRefused } from '../errors.js';
import type { AppendResult, GroupPublisher, History, HistoryRange } from '../history.js';
import type { Message } from '../layer.js';
import { checkAppend, checkRead } from './check-request.js';
import { createHistoryKeys, type HistoryKeyOptions } from './keys.js';
import { createRedisPublish } from './redis-publish.js';
import { type RawEntry, rejectionOf, toAppendResult, toRawRange } from './redis-replies.js';
import { createRetention, type HistoryBounds, type Retention, uniformBounds } from './retention.js';
import { loadScript, type ScriptArgument, type ScriptClient } from './scripts.js';
import { createWrittenGroups } from './written-groups.js';

export interface RedisHistoryOptions extends HistoryBounds, HistoryKeyOptions {
  /**
   * Uses the layer's own connections: messages of a group go to the server where its subscribers listen, with the
   * group's history.
   */
  readonly client: ScriptClient;
  /** The layer's own codec: history has the same bytes as publications, encrypted ones too. */
  readonly codec: Pick<MessageCodec, 'encode' | 'decode' | 'maxPayloadBytes'>;
  /** How much of each group is kept; replaces `historySize` and `historyTtlMs`. */
  readonly retention?: Retention;
  /** Monotonic milliseconds. @default performance.now */
  readonly now?: () => number;
  /**
   * Called for an entry that `codec.decode` rejects: later ones (for `newest`: earlier ones) are not returned. `seq` is
   * 0 if the keys of a group have other content.
   */
  readonly onBadEntry?: (group: string, seq: number, error: unknown) => void;
}

/** Streams shortened by one script, during which Redis serves no other client. */
const trimChunk = 500;

/**
 * History in Redis: one script for each call and server (in a cluster: slot), so that no reader or other writer
 * interferes.
 */
export const createRedisHistory = (options: RedisHistoryOptions): History & GroupPublisher => {
  const { client, codec, onBadEntry = () => {}, now = () => performance.now() } = options;
  const { historySize, historyTtlMs, positionTtlMs } = uniformBounds(options);
  const everyGroup = { entries: historySize, bytes: Number.POSITIVE_INFINITY, ttlMs: historyTtlMs };
  const retention = options.retention ?? createRetention({ boundsOf: () => everyGroup, now });
  const written = createWrittenGroups(now);
  const keys = createHistoryKeys(options);
  const appendScript = loadScript('append');
  const trimScript = loadScript('trim');
  const readScript = loadScript('read');
  const newestScript = loadScript('newest');

  /** Splits the list into script calls, each with its address. */
  const partition = (groups: readonly string[]): readonly Call[] => {
    const calls = new Map<string | number, { address: string; places: number[] }>();
    groups.forEach((group, place) => {
      const address = keys.channel(group);
      const part = client.partOf(address);
      const call = calls.get(part);
      if (call === undefined) calls.set(part, { address, places: [place] });
      else call.places.push(place);
    });
    return [...calls.values()];
  };

  const keysOf = (groups: readonly string[]): string[] =>
    groups.flatMap((group) => [keys.position(group), keys.history(group)]);

  /** Decodes entries while their `seq` is contiguous; `step` is -1 for newest first. */
  const decodeInStep = (group: string, entries: readonly RawEntry[], firstSeq: number, step: 1 | -1): Message[] => {
    const messages: Message[] = [];
    for (const { seq, bytes } of entries) {
      if (seq !== firstSeq + step * messages.length) break;
      try {
        if (bytes === undefined) throw new PoisonMessage('too-large');
        messages.push(codec.decode(bytes));
      } catch (error) {
        onBadEntry(group, seq, error);
        break;
      }
    }
    return messages;
  };

  const newestOf = (group: string, reply: unknown): HistoryRange => {
    const rejection = rejectionOf(reply);
    if (rejection !== undefined) {
      onBadEntry(group, 0, new RedisRefused(rejection));
      return { group, position: null, messages: [], unreadable: rejection };
    }
    const { position, entries } = toRawRange(reply);
    const messages = position === null ? [] : decodeInStep(group, entries, position.seq, -1).reverse();
    const isUnreadable = messages.length === 0 && entries[0]?.seq === position?.seq && position !== null;
    return { group, position, messages, ...(isUnreadable && { unreadable: 'its newest entry is not a message' }) };
  };

  const entriesOf = (group: string): number => {
    const { entries, bytes } = retention.boundsOf(group);
    return Math.min(entries, written.fitting(group, bytes));
  };

  /** Redis is full: shortens every history, so that the next attempt finds room. */
  const giveWay = async (): Promise<void> => {
    if (!retention.reduce()) return;
    const groups = written.names();
    await runAll(partition(groups), async ({ address, places }) => {
      for (let start = 0; start < places.length; start += trimChunk) {
        const part = places.slice(start, start + trimChunk).map((place) => at(groups, place));
        await client.run(trimScript, address, part.map(keys.history), part.map(entriesOf));
      }
    });
  };

  return {
    async append(batches, fence) {
      checkAppend(batches, fence);
      // Encodes all messages before the first byte is sent: one that cannot be encoded then leaves nothing half done.
      const encoded = batches.map(({ messages }) => messages.map((message) => codec.encode(message)));
      for (const [place, { group }] of batches.entries()) written.add(group, at(encoded, place));
      const results: AppendResult[] = [];
      const run = async ({ address, places }: Call): Promise<void> => {
        const scriptKeys: string[] = [];
        const args: ScriptArgument[] = [fence, positionTtlMs, keys.publishCommand];
        const expired: string[] = [];
        for (const place of places) {
          const { group, epoch, firstSeq, reset = false } = at(batches, place);
          const messages = at(encoded, place);
          const { ttlMs } = retention.boundsOf(group);
          const slackMs = written.slackMs(Math.min(ttlMs, positionTtlMs));
          const isDue = written.isExpiryDue(group, slackMs);
          if (isDue) expired.push(group);
          scriptKeys.push(keys.position(group), keys.history(group));
          args.push(keys.channel(group), entriesOf(group), ttlMs + slackMs, isDue ? 1 : 0);
          args.push(epoch, firstSeq, reset ? 1 : 0, messages.length);
          for (const bytes of messages) args.push(bytes);
        }
        const replies = (await client.run(appendScript, address, scriptKeys, args)) as unknown[];
        places.forEach((place, index) => {
          results[place] = toAppendResult(at(batches, place).group, replies[index]);
        });
        for (const group of expired) written.expirySet(group);
      };
      try {
        await runAll(partition(batches.map(({ group }) => group)), run);
      } catch (error) {
        if (error instanceof RedisOutOfMemory) await giveWay();
        throw error;
      }
      return results;
    },

    publish: createRedisPublish({ client, codec, keys, positionTtlMs }),

    async read(group, { afterSeq, limit }) {
      checkRead([group], { afterSeq, limit });
      const reply = await client.read(readScript, keys.channel(group), keysOf([group]), [
        afterSeq + 1,
        limit,
        codec.maxPayloadBytes,
      ]);
      const { position, entries } = toRawRange(reply);
      return { group, position, messages: decodeInStep(group, entries, afterSeq + 1, 1) };
    },

    async newest(groups, count) {
      checkRead(groups, { count });
      const ranges: HistoryRange[] = [];
      await runAll(partition(groups), async ({ address, places }) => {
        const asked = places.map((place) => at(groups, place));
        const replies = (await client.read(newestScript, address, keysOf(asked), [
          count,
          codec.maxPayloadBytes,
        ])) as unknown[];
        places.forEach((place, index) => {
          ranges[place] = newestOf(at(groups, place), replies[index]);
        });
      });
      return ranges;
    },
  };
};

interface Call {
  readonly address: string;
  readonly places: readonly number[];
}

/** Runs in parallel; rejects only when all have ended, so that a repeated call never meets the first one. */
const runAll = async (calls: readonly Call[], run: (call: Call) => Promise<void>): Promise<void> => {
  const settled = await Promise.allSettled(calls.map(run));
  const failed = settled.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
};

const at = <T>(list: readonly T[], place: number): T => list[place] as T;
