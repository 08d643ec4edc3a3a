import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Message } from '@tickwire/channel-layer';
import type { Clock } from '@tickwire/protocol';
import { z } from 'zod';

const kinds = ['here', 'gone', 'ask', 'answer', 'order', 'report'] as const;
type LetterKind = (typeof kinds)[number];

/** A letter from one process to others. */
export interface Letter {
  readonly kind: LetterKind;
  /** The writer's id. */
  readonly from: string;
  /** The member it is for; empty for all. */
  readonly to: string;
  readonly topic: string;
  /** Unique id of the question or order; an answer repeats it. */
  readonly id: string;
  /** JSON, as text: its bytes must be the same on both sides. */
  readonly body: string;
}

export interface OpenedLetter extends Letter {
  /** When it was written, by the writer's wall clock. */
  readonly at: number;
  /** Signed with the token. False when this process has no token to check it. */
  readonly isSigned: boolean;
}

export interface Envelope {
  /** Signs the letter if there is a token. */
  seal(letter: Pick<Letter, 'kind' | 'from'> & Partial<Letter>): Message;
  /**
   * Returns undefined for a message that is not a letter, is signed with another token, or was signed more than half a
   * minute ago or ahead: the clocks of two processes need not agree better. Unsigned letters are opened; the reader
   * decides.
   */
  open(message: unknown): OpenedLetter | undefined;
  /** Counts a letter whose writer is not who it claims to be. */
  reject(): void;
  /** Counts a letter, or the body of one, that does not have the shape. */
  misread(): void;
  /** Those counted so, and messages that are no letters: of another version, or of another program. */
  readonly misreads: number;
  /** Letters rejected: written without the token, or by a clock half a minute off. */
  readonly forged: number;
}

export interface EnvelopeOptions {
  /** Shared by all members that trust each other. Without it letters are not signed, and all are believed. */
  readonly token: string | undefined;
  readonly clock: Pick<Clock, 'wall'>;
}

const maxAgeMs = 30_000;
const maxBodyLength = 1_000_000;
const typePrefix = 'fleet.';

const name = z.string().max(200);
const letter = z.object({
  type: z.enum(kinds.map((kind) => `${typePrefix}${kind}` as const)),
  from: name.min(1),
  to: name,
  topic: name,
  id: name,
  body: z.string().max(maxBodyLength),
  at: z.number(),
  mac: z.string().max(100).optional(),
});

/**
 * Anyone who may publish to groups could otherwise send orders to gateways or mislead operators. If a token is set,
 * letters not signed with it are rejected.
 */
export const createEnvelope = ({ token, clock }: EnvelopeOptions): Envelope => {
  let forged = 0;
  let misreads = 0;

  const macOf = (key: string, { type, from, to, topic, id, body, at }: z.infer<typeof letter>): string =>
    createHmac('sha256', key)
      .update(JSON.stringify([at, type, from, to, topic, id, body]))
      .digest('base64url');

  const isValid = (key: string, sealed: z.infer<typeof letter>): boolean => {
    const expected = Buffer.from(macOf(key, sealed));
    const given = Buffer.from(sealed.mac ?? '');
    return given.length === expected.length && timingSafeEqual(given, expected);
  };

  return {
    seal({ kind, from, to = '', topic = '', id = '', body = '' }) {
      const sealed = { type: `${typePrefix}${kind}` as const, from, to, topic, id, body, at: clock.wall() };
      return token === undefined ? sealed : { ...sealed, mac: macOf(token, sealed) };
    },
    open(message) {
      const parsed = letter.safeParse(message);
      if (!parsed.success) {
        misreads += 1;
        return undefined;
      }
      const { type, mac, ...rest } = parsed.data;
      const kind = type.slice(typePrefix.length) as LetterKind;
      if (token === undefined || mac === undefined) return { ...rest, kind, isSigned: false };
      if (Math.abs(clock.wall() - rest.at) <= maxAgeMs && isValid(token, parsed.data)) {
        return { ...rest, kind, isSigned: true };
      }
      forged += 1;
      return undefined;
    },
    reject() {
      forged += 1;
    },
    misread() {
      misreads += 1;
    },
    get misreads() {
      return misreads;
    },
    get forged() {
      return forged;
    },
  };
};

/** Parses the body of a letter; undefined if it does not have the shape. */
export const parseBody = <Body>(shape: z.ZodType<Body>, body: string): Body | undefined => {
  try {
    return shape.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
};
