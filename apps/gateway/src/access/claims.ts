import { channelMatcher, everyChannel, isChannelPattern, isGroupName } from '@tickwire/protocol';
import { nearName } from '@tickwire/runtime';
import { z } from 'zod';
import type { Grant } from './grant.js';

/** Patterns and channels that one token may name: each subscribe is compared with all of them. */
const maxNames = 1_000;
const maxUserLength = 255;
/** In seconds this is the year 5138; in milliseconds it is 1973. */
const maxExp = 1e11;
const channels = z.array(z.string().refine(isGroupName)).max(maxNames);

const restrictions = z.strictObject({
  allow: z.array(z.string().refine(isChannelPattern)).max(maxNames).optional(),
  maxChannels: z.int().min(1).optional(),
  commandsPerSecond: z.int().min(1).optional(),
});

const claims = z.object({
  sub: z.string().max(maxUserLength).default(''),
  exp: z.number().max(maxExp, { error: 'is in milliseconds, but must be in seconds' }).optional(),
  /** As in Centrifugo's tokens: subscribed to automatically. */
  channels: channels.default([]),
  tickwire: restrictions.default({}),
});

const inside = Object.keys(restrictions.shape);

/** Returns a sentence if a claim looks like one that restricts, but is none, and would be ignored. */
const misspellingIn = (payload: unknown): string | undefined => {
  for (const name of Object.keys(payload ?? {})) {
    if (nearName(name, ['tickwire']) && name !== 'tickwire') return 'tickwire is misspelt';
    const meant = nearName(name, inside);
    if (meant !== undefined) return `${meant} belongs into tickwire`;
    // Other short names that differ in a letter are claims of somebody else.
    const standard = ['exp', 'nbf'].find((each) => each === name.toLowerCase() && each !== name);
    if (standard !== undefined) return `${standard} must be in lower case`;
  }
  return undefined;
};

/**
 * Returns what a verified token grants, or a sentence if a claim cannot be understood: a misspelt restriction must not
 * become no restriction. The sentence names the claim and holds no part of the token. `defaultAllow` applies to tokens
 * without channel patterns.
 */
export const grantOf = (payload: unknown, defaultAllow: readonly string[]): Grant | string => {
  const parsed = claims.safeParse(payload);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const claim = issue?.path.map(String).join('.');
    const isTooBig = issue?.code === 'too_big' && claim === 'exp';
    return `claim ${claim} ${isTooBig ? issue.message : 'cannot be used'}`;
  }
  const misspelling = misspellingIn(payload);
  if (misspelling !== undefined) return `claim ${misspelling}`;
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
