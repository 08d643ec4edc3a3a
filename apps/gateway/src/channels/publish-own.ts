import type { GroupPublisher, PublishResult } from '@tickwire/channel-layer';
import { InvalidMessage } from '@tickwire/channel-layer';
import type { Position } from '@tickwire/protocol';
import type { OwnCatalog } from './own-catalog.js';
import type { OwnChannels } from './own-channels.js';
import { type GivenPublication, ownMessage } from './own-message.js';

export interface PublishOwnOptions {
  readonly channels: OwnChannels;
  readonly publisher: GroupPublisher;
  readonly catalog: Pick<OwnCatalog, 'add'>;
  /** Milliseconds since the Unix epoch, for labels. */
  readonly now: () => number;
}

export type OwnOutcome =
  | { readonly outcome: 'published'; readonly position: Position; readonly isRepeat: boolean }
  | { readonly outcome: 'bad-request' | 'key-reused' | 'has-producer' | 'not-ours'; readonly detail: string };

/**
 * Publishes on one of your own channels. With a key that was used on the channel before, nothing is published again.
 * Undefined if the channel is not your own.
 * @throws what the history throws.
 */
export type PublishOwn = (
  channel: string,
  given: GivenPublication,
  key: string | undefined,
) => Promise<OwnOutcome | undefined>;

/** How long a key is remembered. */
const rememberedMs = 3_600_000;

export const createPublishOwn =
  ({ channels, publisher, catalog, now }: PublishOwnOptions): PublishOwn =>
  async (channel, given, key) => {
    const rule = channels.find(channel);
    if (rule === undefined) return undefined;
    const made = ownMessage(channel, rule, given, { nowMs: now() });
    if ('problem' in made) return { outcome: 'bad-request', detail: made.problem };
    const { historySize, historyTtlMs } = rule;
    const once = key === undefined ? {} : { once: { key, content: JSON.stringify(given), rememberedMs } };
    try {
      const result = await publisher.publish(channel, made.message, { historySize, historyTtlMs, ...once });
      if (made.price !== undefined && 'position' in result) catalog.add(made.price);
      return outcomeOf(channel, result);
    } catch (error) {
      if (error instanceof InvalidMessage) return { outcome: 'bad-request', detail: error.message };
      throw error;
    }
  };

const outcomeOf = (channel: string, result: PublishResult): OwnOutcome => {
  switch (result.outcome) {
    case 'published':
    case 'repeated':
      return { outcome: 'published', position: result.position, isRepeat: result.outcome === 'repeated' };
    case 'reused':
      return { outcome: 'key-reused', detail: 'use a new idempotency key for a new publication' };
    case 'owned':
      return { outcome: 'has-producer', detail: `${channel} has a producer, who alone publishes on it` };
    case 'rejected':
      return { outcome: 'not-ours', detail: `Redis holds something else at the keys of ${channel}: ${result.reason}` };
  }
};
