import { type GroupLayer, InvalidMessage, InvalidName, type Message } from '@tickwire/channel-layer';
import { isReservedGroup } from '@tickwire/fleet';
import { isGroupName } from '@tickwire/protocol';
import { z } from 'zod';
import type { ApiHandler } from './api.js';
import { ApiProblem } from './problem.js';
import type { PublishOnce } from './publish-once.js';

export interface PublishOptions {
  readonly layer: Pick<GroupLayer, 'groupSend'>;
  readonly once: PublishOnce;
}

const schema = z.strictObject(
  {
    channel: z.string({ error: 'must be a string' }),
    message: z.looseObject({ type: z.string({ error: 'must be a string' }) }, { error: 'must be an object' }),
  },
  { error: 'must be {"channel":…,"message":{"type":…,…}}' },
);

/** Given by the one writer that a channel has: a message from here that claimed a position would break the sequence. */
const positionFields = ['seq', 'epoch'];
const keyForm = /^[\x21-\x7e]{1,255}$/;

/** `POST /api/publish`: sends a message to a group, as a Channels `group_send` does. */
export const publishHandler =
  ({ layer, once }: PublishOptions): ApiHandler =>
  async ({ body, header }) => {
    const { channel, message } = publicationOf(body);
    const key = header('idempotency-key');
    const send = () => layer.groupSend(channel, message);
    try {
      const isNew =
        key === undefined
          ? await send().then(() => true)
          : await once.run(checked(key), JSON.stringify({ channel, message }), send);
      return { body: { channel, replayed: !isNew } };
    } catch (error) {
      if (error instanceof InvalidMessage || error instanceof InvalidName) {
        throw new ApiProblem('bad-request', error.message);
      }
      throw error;
    }
  };

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
    throw new ApiProblem(
      'bad-request',
      'channel must be 1 to 99 letters, digits, hyphens, underscores or periods, and not one of our own',
    );
  }
  const claimed = positionFields.find((field) => Object.hasOwn(message, field));
  if (claimed !== undefined)
    throw new ApiProblem('bad-request', `message.${claimed} is given by the producer of a channel`);
  return { channel, message };
};

/** @throws ApiProblem */
const checked = (key: string): string => {
  if (keyForm.test(key)) return key;
  throw new ApiProblem('bad-request', 'Idempotency-Key must be 1 to 255 visible ASCII characters');
};
