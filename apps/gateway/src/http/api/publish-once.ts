import { createHash, randomInt, randomUUID } from 'node:crypto';
import type { History, Message } from '@tickwire/channel-layer';
import { publishKeyPrefix } from '@tickwire/fleet';
import { ApiProblem } from './problem.js';

/** Carries out an act once per key, whichever gateway the repeats of a request reach. */
export interface PublishOnce {
  /**
   * True when the act was carried out now, false when it had been before. `content` is what it would publish: a key
   * stands for one. An act that fails, or whose gateway dies in the middle, may be carried out again under its key.
   * @throws ApiProblem `in-progress` or `key-reused`; what history or the act throws.
   */
  run(key: string, content: string, act: () => Promise<void>): Promise<boolean>;
}

export interface PublishOnceOptions {
  readonly history: Pick<History, 'append' | 'newest'>;
  /** Milliseconds since the Unix epoch, about the same on every gateway. @default Date.now */
  readonly now?: () => number;
}

const epoch = 'publish';
const claimed = 'publish.claimed';
const done = 'publish.done';
const failed = 'publish.failed';
/** A claim whose gateway has not said for so long how it went will not. */
const abandonedMs = 10_000;

/**
 * Each key is a group of its own in history, with a mark for every step: claimed, then done or failed. Appending at a
 * `seq` is what makes a claim exclusive, since of two writers at one `seq` only one is taken. A key is forgotten when
 * history forgets the group.
 */
export const createPublishOnce = ({ history, now = Date.now }: PublishOnceOptions): PublishOnce => {
  const marksOf = async (group: string): Promise<{ readonly top: number; readonly last: Message | undefined }> => {
    const [range] = await history.newest([group], 1);
    return { top: range?.position?.seq ?? 0, last: range?.messages[0] };
  };

  /** Grows with time, so that a later claim is not refused for an older token. */
  const newFence = (): number => now() * 1_024 + randomInt(1_024);

  return {
    async run(key, content, act) {
      const group = `${publishKeyPrefix}${sha256(key).slice(0, 40)}`;
      const digest = sha256(content);
      const { top, last } = await marksOf(group);
      if (last !== undefined && last['digest'] !== digest) {
        throw new ApiProblem('key-reused', 'use a new Idempotency-Key for a new publication');
      }
      if (last?.type === done) return false;
      if (last?.type === claimed && now() - Number(last['at']) < abandonedMs) throw inProgress();

      const fence = newFence();
      const claim = randomUUID();
      const mark = async (type: string, seq: number): Promise<void> => {
        const message = { type, digest, claim, at: now(), seq, epoch };
        await history.append([{ group, epoch, firstSeq: seq, messages: [message] }], fence);
      };
      await mark(claimed, top + 1);
      // Two with the same token would both be told that theirs was appended.
      const { last: holder } = await marksOf(group);
      if (holder?.['claim'] !== claim) throw inProgress();
      try {
        await act();
      } catch (error) {
        await mark(failed, top + 2).catch(() => undefined);
        throw error;
      }
      await mark(done, top + 2);
      return true;
    },
  };
};

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const inProgress = (): ApiProblem => new ApiProblem('in-progress', 'try again in a moment', {}, { 'Retry-After': '1' });
