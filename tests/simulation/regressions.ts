import { type FaultKind, lossKinds } from './faults.js';

/** A seed that failed once, and what it found. */
export interface Regression {
  readonly name: string;
  readonly seed: number;
  /** Only these. @default all */
  readonly faults?: readonly FaultKind[];
  readonly found: string;
}

export const regressions: readonly Regression[] = [
  {
    name: 'deaf-gateway',
    seed: 234,
    found: 'A gateway that was deaf and knew of no publication did not recover a client that knew of some.',
  },
  {
    name: 'older-redis',
    seed: 242,
    found: 'A leader elected anew went on at positions that clients had read already, and they got nothing from it.',
  },
  {
    name: 'forgotten-by-all',
    seed: 230,
    found: 'Trades that Redis forgot, and a standby had let go, were missing in silence.',
  },
  {
    name: 'evicted-messages',
    seed: 629,
    found: 'Where Redis held no message of a group any more, a new leader published the same trades again.',
  },
  {
    name: 'first-message',
    seed: 1025,
    found: 'The first trade of a group came twice, once from each leader.',
  },
  {
    name: 'empty-epoch',
    seed: 13_464,
    found:
      'A leader went on with an epoch that Redis had forgotten all messages of, and clients read trades of it again.',
  },
  {
    name: 'late-epoch',
    seed: 51_101,
    found:
      'A paused leader began an epoch behind a FLUSHALL, and the new one went on in it without a trade in between.',
  },
  {
    name: 'older-unknown-epoch',
    seed: 200_051,
    found:
      'Redis returned to an epoch the leader had never seen, which lacked what it had published, and it went on there.',
  },
  {
    name: 'older-seen-epoch',
    seed: 1_795_833_168,
    found:
      'Redis returned to an epoch the leader had never seen, without what it had seen and not published, and it went on there.',
  },
  {
    name: 'claimed-epoch',
    seed: 50_160,
    found: 'Clients that waited in an epoch that was claimed and never had a message were notified of a loss.',
  },
  {
    name: 'idle-standby',
    seed: 405_742,
    found: 'A standby that had nothing to publish yet took no group over, and published the first trade of one again.',
  },
  {
    name: 'believed-epoch',
    seed: 800_894,
    faults: lossKinds,
    found: 'A gateway that had believed a new epoch from its beginning took it for a forgery when Redis lost its end.',
  },
  {
    name: 'shared-end',
    seed: 908_040,
    found:
      'A leader gave a history its lost end again without the trade that another leader had published in the middle.',
  },
  {
    name: 'former-epoch',
    seed: 203_101,
    found: 'Behind a forgery, history returned to the epoch before it, and all of that was delivered again.',
  },
  {
    name: 'late-evicted',
    seed: 1_875_220_706,
    found: 'A leader that was held up published the last trade of the one before again: the messages had been evicted.',
  },
  {
    name: 'unnoticed-lease',
    seed: 1_875_237_227,
    found: 'The first trade of a leader that had not noticed the loss of its lease, and was evicted, came again.',
  },
];

export const findRegression = (name: string): Regression | undefined =>
  regressions.find((known) => known.name === name);
