import { type FaultKind, firstFaultKinds } from './plan.js';

/** A seed that failed once: `npm run chaos -- --regression <name>`. The tests of whole processes run all of them. */
export interface Regression {
  readonly name: string;
  /** What it found. */
  readonly story: string;
  readonly seed: string;
  readonly minutes: number;
  readonly clients: number;
  readonly faults?: readonly FaultKind[];
}

export const regressions: readonly Regression[] = [
  {
    name: 'newcomer-before-standby',
    story:
      'A killed leader that was started again took the free lease before the standby asked, and published again all its feed brought: 1138 trades twice.',
    seed: 'a1',
    minutes: 0.2,
    clients: 30,
    faults: firstFaultKinds,
  },
  {
    name: 'redis-that-loads',
    story:
      'A Redis that loads its data again was asked once a second whether it has them, and clients heard nothing for 4.25 s after it was back.',
    seed: '61d5b32c',
    minutes: 0.35,
    clients: 300,
    faults: ['redis-restart'],
  },
];

export const findRegression = (name: string): Regression | undefined => regressions.find((each) => each.name === name);
