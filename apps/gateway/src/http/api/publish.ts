import { type GroupLayer, InvalidMessage, InvalidName, type Message } from '@tickwire/channel-layer';
import { isGroupName, isReservedGroup } from '@tickwire/protocol';
import { z } from 'zod';
import type { SymbolCatalog } from '../../catalog.js';
import type { OpenOwnChannels } from '../../channels/open-own-channels.js';
import type { ApiHandler, ApiReply } from './api.js';
import type { KeyCheck } from './api-key.js';
import { ApiProblem } from './problem.js';
import type { PublishOnce } from './publish-once.js';

export interface PublishOptions {
  readonly layer: Pick<GroupLayer, 'groupSend'>;
  readonly once: PublishOnce;
  readonly own: Pick<OpenOwnChannels, 'channels' | 'publish'>;
  readonly catalog: Pick<SymbolCatalog, 'knows'>;
  readonly checkKey: KeyCheck;
}

const schema = z.strictObject(
  {
    channel: z.string({ error: 'must be a string' }),
    message: z.looseObject({ type: z.string({ error: 'must be a string' }) }, { error: 'must be an object' }),
  },
  { error: 'must be {"channel":…,"message":{"type":…,…}}' },
);

/** The one writer of a channel sets these: a message that brought its own position would break the sequence. */
const positionFields = ['seq', 'epoch'];
const keyForm = /^[\x21-\x7e]{1,255}$/;

/**
 * `POST /api/publish`: on a channel of your own the message gets a position and is kept; on one of the producer's it is sent
 * beside what the producer publishes, as a Channels `group_send` does. Where nobody could follow it is rejected.
 */
export const publishHandler =
  ({ layer, once, own, catalog, checkKey }: PublishOptions): ApiHandler =>
  async ({ body, header }) => {
    const { channel, message } = publicationOf(body);
    if (!checkKey({ header })(own.channels.find(channel))) {
      throw new ApiProblem('forbidden', `the key does not allow ${channel}`, { channels: [channel] });
    }
    const key = checked(header('idempotency-key'));
    const published = await own.publish(channel, { kind: 'message', message }, key);
    if (published?.outcome === 'published') {
      return { body: { channel, replayed: published.isRepeat, position: published.position } };
    }
    if (published !== undefined) throw new ApiProblem(published.outcome, published.detail);
    if (!catalog.knows(channel)) {
      throw new ApiProblem('unknown-channel', howToAllow(channel), { channels: [channel] });
    }
    return sendBeside({ layer, once }, { channel, message }, key);
  };

/** Sends a message on a channel of the producer, beside its publications: without a position. */
const sendBeside = async (
  { layer, once }: Pick<PublishOptions, 'layer' | 'once'>,
  { channel, message }: { channel: string; message: Message },
  key: string | undefined,
): Promise<ApiReply> => {
  const send = () => layer.groupSend(channel, message);
  try {
    if (key === undefined) await send();
    const isNew = key === undefined || (await once.run(key, JSON.stringify({ channel, message }), send));
    return { body: { channel, replayed: !isNew } };
  } catch (error) {
    if (error instanceof InvalidMessage || error instanceof InvalidName) {
      throw new ApiProblem('bad-request', error.message);
    }
    throw error;
  }
};

export const nameForm = '1 to 99 letters, digits, hyphens, underscores or periods';

/** How to allow a channel that no client can follow yet. What CHANNELS has already must stay. */
export const howToAllow = (channel: string): string =>
  `${channel} is not allowed: to allow it add ${channel.replace(/[^.]+$/, channel.includes('.') ? '*' : '$&')} to CHANNELS on the gateways`;

/** @throws ApiProblem */
const publicationOf = (body: unknown): { readonly channel: string; readonly message: Message } => {
  if (body === undefined) throw new ApiProblem('not-json', 'send Content-Type: application/json');
  const parsed = schema.safeParse(body);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new ApiProblem('bad-request', `${issue?.path.join('.') || 'the body'} ${issue?.message}`);
  }
  const { channel, message } = parsed.data;
  if (!isGroupName(channel) || isReservedGroup(channel)) {
    throw new ApiProblem('bad-request', `channel must be ${nameForm}, and not a reserved name`);
  }
  const claimed = positionFields.find((field) => Object.hasOwn(message, field));
  if (claimed !== undefined)
    throw new ApiProblem('bad-request', `message.${claimed} is set by the server: leave it out`);
  return { channel, message };
};

/** @throws ApiProblem */
const checked = (key: string | undefined): string | undefined => {
  if (key === undefined || keyForm.test(key)) return key;
  throw new ApiProblem('bad-request', 'Idempotency-Key must be 1 to 255 visible ASCII characters');
};
