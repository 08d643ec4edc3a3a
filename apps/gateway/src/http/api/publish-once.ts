import { createHash, randomUUID } from 'node:crypto';
import type { SharedKeys } from '@tickwire/runtime';
import { ApiProblem } from './problem.js';

/** Carries out an act once per key, whichever gateway the repeats of a request reach. */
export interface PublishOnce {
  /**
   * True when the act was carried out now, false when it had been before. `content` is what it would publish: a key
   * stands for one. An act that fails, or whose gateway dies in the middle, may be carried out again under its key.
   * @throws ApiProblem `in-progress` or `key-reused`; what the keys or the act throw.
   */
  run(key: string, content: string, act: () => Promise<void>): Promise<boolean>;
}

export interface PublishOnceOptions {
  readonly keys: SharedKeys;
}

/** How long a key is remembered after its act. */
const rememberedMs = 3_600_000;
/** A claim whose gateway has not said for so long how it went will not. */
const abandonedMs = 10_000;

/** A key holds the digest of its content and, while the act is under way, whose claim it is. */
export const createPublishOnce = ({ keys }: PublishOnceOptions): PublishOnce => ({
  async run(key, content, act) {
    const name = `publish-key:${digest(key)}`;
    const done = digest(content);
    const claim = `${done} ${randomUUID()}`;
    const held = await keys.setIfAbsent(name, claim, abandonedMs);
    if (held === done) return false;
    if (held?.startsWith(done))
      throw new ApiProblem('in-progress', 'try again in a moment', {}, { 'Retry-After': '1' });
    if (held !== undefined) throw new ApiProblem('key-reused', 'use a new Idempotency-Key for a new publication');
    try {
      await act();
    } catch (error) {
      // Where this fails too, the claim ends by itself.
      await keys.remove(name, claim).catch(() => undefined);
      throw error;
    }
    await keys.set(name, done, rememberedMs);
    return true;
  },
});

/** 128 bits distinguish any two, and are short. */
const digest = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 22);
