import { type HeardProducer, producerStateSchema } from '@tickwire/protocol';
import type { OperatorSignature } from '@tickwire/runtime';
import { z } from 'zod';
import { readState } from './read-state.js';

/** What producers told last. */
export interface ProducerBoard {
  hear(message: unknown): void;
  /** Those silent for six seconds left out; leaders first. */
  read(): readonly HeardProducer[];
}

export interface ProducerBoardOptions {
  readonly signature: OperatorSignature;
  /** Somebody without the token told something in the name of a producer that has it, or signed with another. */
  readonly onForged: () => void;
  readonly now: () => number;
}

export const producersGroup = 'tickwire.producers';
/** Three times nothing. */
const silentMs = 6_000;
const maxProducers = 100;
const maxStatusLength = 200_000;

const produced = z.object({
  type: z.literal('producer.status'),
  status: z.string().max(maxStatusLength),
  at: z.number(),
  mac: z.string().optional(),
});

/**
 * A producer need not have the operators' token: what it tells without is shown, and shown as unverified. It never
 * takes the place of what was signed, nor the room for it.
 */
export const createProducerBoard = ({ signature, onForged, now }: ProducerBoardOptions): ProducerBoard => {
  const told = new Map<string, { readonly heardAt: number; readonly producer: HeardProducer }>();

  const forget = (): void => {
    for (const [owner, { heardAt }] of told) if (now() - heardAt > silentMs) told.delete(owner);
  };

  const makeRoom = (isVerified: boolean): boolean => {
    if (told.size < maxProducers) return true;
    const unverified = [...told].find(([, { producer }]) => !producer.isVerified);
    if (!isVerified || unverified === undefined) return false;
    return told.delete(unverified[0]);
  };

  return {
    hear(message) {
      const parsed = produced.safeParse(message);
      if (!parsed.success) return;
      const { status, at, mac } = parsed.data;
      const isVerified = mac !== undefined;
      if (isVerified && !signature.isValid(mac, ['producer', status], at, now())) return onForged();
      const state = readState(producerStateSchema, status);
      if (state === undefined) return;
      forget();
      const known = told.get(state.owner)?.producer;
      if (known?.isVerified === true) {
        if (!isVerified) return onForged();
        // Said again by somebody who heard it.
        if (at <= known.at) return;
      }
      if (known === undefined && !makeRoom(isVerified)) return;
      told.set(state.owner, { heardAt: now(), producer: { ...state, at, isVerified } });
    },
    read() {
      forget();
      return [...told.values()]
        .map(({ producer }) => producer)
        .sort((a, b) => Number(b.isLeading) - Number(a.isLeading) || (a.owner < b.owner ? -1 : 1));
    },
  };
};
