import { type Envelope, parseBody } from '@tickwire/fleet';
import { type Clock, type HeardProducer, producerStateSchema } from '@tickwire/protocol';

/** The latest reports of producers. */
export interface ProducerBoard {
  hear(message: unknown): void;
  /** Without producers that were silent for six seconds; leaders first. */
  read(): readonly HeardProducer[];
}

export interface ProducerBoardOptions {
  readonly envelope: Pick<Envelope, 'open' | 'reject'>;
  readonly clock: Pick<Clock, 'monotonic'>;
}

/** Time of three missing reports. */
const silentMs = 6_000;
const maxProducers = 100;
const maxStatusLength = 200_000;

/**
 * A producer need not have the operators' token: its unsigned report is shown as unverified. It never replaces a signed
 * report, nor takes its room.
 */
export const createProducerBoard = ({ envelope, clock }: ProducerBoardOptions): ProducerBoard => {
  const heard = new Map<string, { readonly heardAt: number; readonly producer: HeardProducer }>();

  const forget = (): void => {
    const now = clock.monotonic();
    for (const [owner, { heardAt }] of heard) if (now - heardAt > silentMs) heard.delete(owner);
  };

  const makeRoom = (isVerified: boolean): boolean => {
    if (heard.size < maxProducers) return true;
    const unverified = [...heard].find(([, { producer }]) => !producer.isVerified);
    if (!isVerified || unverified === undefined) return false;
    return heard.delete(unverified[0]);
  };

  return {
    hear(message) {
      const letter = envelope.open(message);
      if (letter?.kind !== 'report' || letter.body.length > maxStatusLength) return;
      const { at, isSigned: isVerified } = letter;
      const state = parseBody(producerStateSchema, letter.body);
      if (state === undefined) return;
      forget();
      const known = heard.get(state.owner)?.producer;
      if (known?.isVerified === true) {
        if (!isVerified) return envelope.reject();
        // A repeat by somebody who heard the report.
        if (at <= known.at) return;
      }
      if (known === undefined && !makeRoom(isVerified)) return;
      heard.set(state.owner, { heardAt: clock.monotonic(), producer: { ...state, at, isVerified } });
    },
    read() {
      forget();
      return [...heard.values()]
        .map(({ producer }) => producer)
        .sort((a, b) => Number(b.isLeading) - Number(a.isLeading) || (a.owner < b.owner ? -1 : 1));
    },
  };
};
