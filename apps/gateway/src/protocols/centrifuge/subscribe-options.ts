import { z } from 'zod';
import { type ChannelOptions, optionFields, optionsOf } from '../channel-options.js';
import { misspellingIn } from '../given-names.js';
import { CommandRefused, errorReplies } from './error-replies.js';

const fields = Object.keys(optionFields);
const schema = z.object(optionFields).optional();

/** Reads `subscribe.data`. @throws CommandRefused with what is wrong */
export const parseSubscribeData = (data: unknown): ChannelOptions => {
  const parsed = schema.safeParse(data ?? undefined);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const name = issue?.path[0];
    throw new CommandRefused(
      errorReplies.badRequest,
      name === undefined ? 'data must be an object' : `${String(name)} ${issue?.message}`,
    );
  }
  const misspelling = misspellingIn(Object.keys(data ?? {}), fields);
  if (misspelling !== undefined) throw new CommandRefused(errorReplies.badRequest, `data: ${misspelling}`);
  return optionsOf(parsed.data ?? {});
};
