import {
  type GivenPublication,
  type OwnChannelRule,
  type OwnChannels,
  type OwnSymbol,
  ownMessage,
  type Position,
} from '@tickwire/protocol';
import { InvalidMessage } from '../errors.js';
import type { GroupPublisher, GroupPublishOptions, PublishResult } from '../history.js';
import type { Message } from '../layer.js';
import type { OwnCatalog } from './own-catalog.js';

export interface PublishOwnOptions {
  readonly channels: OwnChannels;
  readonly publisher: GroupPublisher;
  readonly catalog: Pick<OwnCatalog, 'add'>;
  /** Milliseconds since the Unix epoch, for labels. */
  readonly now: () => number;
}

export type OwnOutcome =
  | {
      readonly outcome: 'published';
      readonly position: Position;
      readonly isRepeat: boolean;
      readonly fence?: number | undefined;
    }
  | { readonly outcome: OwnRefusal; readonly detail: string };

export type OwnRefusal = 'bad-request' | 'key-reused' | 'has-producer' | 'not-ours';

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

/** A publication that was checked and only has to be sent. */
export interface OwnPublication {
  readonly channel: string;
  readonly rule: OwnChannelRule;
  readonly message: Message;
  /** Whose price it is, and where. */
  readonly price: OwnSymbol | undefined;
  /** Identifies the content where a key stands for it. */
  readonly content: () => string;
}

/** How long a key is remembered. */
const rememberedMs = 3_600_000;

export const createPublishOwn = (options: PublishOwnOptions): PublishOwn => {
  const { channels, now } = options;
  return async (channel, given, key) => {
    const checked = checkOwn(channels, channel, given, now());
    if (checked === undefined || 'outcome' in checked) return checked;
    return sendOwn(options, checked, key === undefined ? {} : { key });
  };
};

/** Undefined if the channel is not your own. */
export const checkOwn = (
  channels: OwnChannels,
  channel: string,
  given: GivenPublication,
  nowMs: number,
): OwnPublication | { readonly outcome: 'bad-request'; readonly detail: string } | undefined => {
  const rule = channels.find(channel);
  if (rule === undefined) return undefined;
  const made = ownMessage(channel, rule, given, { nowMs });
  if ('problem' in made) return { outcome: 'bad-request', detail: made.problem };
  return { channel, rule, message: made.message, price: made.price, content: () => JSON.stringify(given) };
};

/** @throws what the history throws. */
export const sendOwn = async (
  { publisher, catalog }: Pick<PublishOwnOptions, 'publisher' | 'catalog'>,
  { channel, rule, message, price, content }: OwnPublication,
  { key, fence }: { readonly key?: string | undefined; readonly fence?: GroupPublishOptions['fence'] | undefined },
): Promise<OwnOutcome> => {
  const { historySize, historyTtlMs } = rule;
  const once = key === undefined ? {} : { once: { key, content: content(), rememberedMs } };
  try {
    const result = await publisher.publish(channel, message, {
      historySize,
      historyTtlMs,
      ...once,
      ...(fence !== undefined && { fence }),
    });
    if (price !== undefined && 'position' in result) catalog.add(price);
    return outcomeOf(channel, result);
  } catch (error) {
    if (error instanceof InvalidMessage) return { outcome: 'bad-request', detail: error.message };
    throw error;
  }
};

/** Another writer has taken over the channel with a fence: this one may not publish there any more. */
export class ChannelTakenOver extends Error {
  override readonly name = 'ChannelTakenOver';
  readonly code = 'CHANNEL_TAKEN_OVER';
}

const outcomeOf = (channel: string, result: PublishResult): OwnOutcome => {
  switch (result.outcome) {
    case 'published':
    case 'repeated': {
      const { position, fence } = result;
      return { outcome: 'published', position, isRepeat: result.outcome === 'repeated', fence };
    }
    case 'reused':
      return { outcome: 'key-reused', detail: 'use a new idempotency key for a new publication' };
    case 'owned':
      return { outcome: 'has-producer', detail: `${channel} has a producer, who alone publishes on it` };
    case 'fenced':
      throw new ChannelTakenOver(`${channel} was taken over by another writer, with a newer fence`);
    case 'rejected':
      return { outcome: 'not-ours', detail: `Redis holds something else at the keys of ${channel}: ${result.reason}` };
  }
};
