import { isGroupName } from '@tickwire/protocol';
import { z } from 'zod';
import { channelMatcher, everyChannel, isChannelPattern } from './channel-patterns.js';
import type { Grant } from './grant.js';
import { TokenRefused } from './token-refused.js';

/** Patterns and channels one token may name: each subscribe is compared with all of them. */
const maxNames = 1_000;
const maxUserLength = 255;
const channels = z.array(z.string().refine(isGroupName)).max(maxNames);

const claims = z.object({
  sub: z.string().max(maxUserLength).default(''),
  exp: z.number().optional(),
  /** As in Centrifugo's tokens: subscribed to without asking. */
  channels: channels.default([]),
  tickwire: z
    .object({
      allow: z.array(z.string().refine(isChannelPattern)).max(maxNames).optional(),
      maxChannels: z.int().min(1).optional(),
      commandsPerSecond: z.int().min(1).optional(),
    })
    .default({}),
});

/**
 * What a verified token grants. A claim that cannot be understood grants nothing: a misspelt restriction must not
 * become none. `defaultAllow` is for tokens that say nothing about channels.
 * @throws TokenRefused
 */
export const grantOf = (payload: unknown, defaultAllow: readonly string[]): Grant => {
  const parsed = claims.safeParse(payload);
  if (!parsed.success) {
    const path = parsed.error.issues[0]?.path.map(String).join('.');
    throw new TokenRefused('invalid', `claim ${path} cannot be used`);
  }
  const { sub, exp, channels: given, tickwire } = parsed.data;
  const { allow = defaultAllow, maxChannels, commandsPerSecond } = tickwire;
  const maySubscribe = channelMatcher([...allow, ...given]);
  return {
    user: sub,
    channels: [...new Set(given)],
    ...(exp !== undefined && { expiresAtMs: exp * 1_000 }),
    ...(maxChannels !== undefined && { maxChannels }),
    ...(commandsPerSecond !== undefined && { commandsPerSecond }),
    isRestricted: !allow.includes(everyChannel),
    maySubscribe,
  };
};
