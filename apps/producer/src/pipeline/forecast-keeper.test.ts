import { describe, expect, it } from '@jest/globals';
import type { Logger, StateStore } from '@tickwire/runtime';
import { createForecastKeeper } from './forecast-keeper.js';

interface Line {
  readonly level: string;
  readonly fields: unknown;
  readonly text: string;
}

const createLog = (): { logger: Logger; lines: Line[] } => {
  const lines: Line[] = [];
  const at =
    (level: string) =>
    (first: unknown, text?: string): void => {
      lines.push(text === undefined ? { level, fields: {}, text: String(first) } : { level, fields: first, text });
    };
  return { logger: { info: at('info'), warn: at('warn') } as unknown as Logger, lines };
};

const instruments = ['A-USD', 'B-USD', 'C-USD'].map((symbol) => ({ venue: 'sim', symbol }));
const never = new Promise<never>(() => {});

/** A learner for each instrument, and the snapshots they accepted. */
const createLearners = (answer: (snapshot: unknown) => string | undefined) => {
  const taken: unknown[] = [];
  const learners = instruments.map((instrument) => {
    const restore = (snapshot: unknown): string | undefined => {
      const reason = answer(snapshot);
      if (reason === undefined) taken.push(snapshot);
      return reason;
    };
    return [instrument, { snapshot: () => instrument.symbol, restore }] as const;
  });
  return { learners, taken };
};

const storeOf = (load: StateStore['load'], save: StateStore['save'] = () => Promise.resolve()): StateStore => ({
  load,
  save,
});

describe('forecast keeper', () => {
  it('[P112] one line counts what cannot be used, whatever the number of symbols, and gives one reason', async () => {
    const { logger, lines } = createLog();
    const load = (name: string): Promise<unknown> =>
      name.endsWith('A-USD')
        ? Promise.resolve('good')
        : name.endsWith('B-USD')
          ? Promise.resolve('bad')
          : Promise.reject(new Error('out of reach'));
    const { learners, taken } = createLearners((snapshot) => (snapshot === 'good' ? undefined : 'it is broken'));
    const keeper = createForecastKeeper({ state: storeOf(load), logger, now: () => 0 });
    await keeper.restore(learners);
    expect(taken).toEqual(['good']);
    expect(keeper.unrestored).toBe(2);
    expect(lines.map(({ level, fields }) => ({ level, fields }))).toEqual([
      { level: 'info', fields: { restored: 1 } },
      { level: 'warn', fields: { rejected: 2, venue: 'sim', symbol: 'B-USD', reason: 'it is broken' } },
    ]);
  });

  it('[P112] nothing is logged if nothing was kept', async () => {
    const { logger, lines } = createLog();
    const { learners } = createLearners(() => undefined);
    await createForecastKeeper({ state: storeOf(() => Promise.resolve(undefined)), logger, now: () => 0 }).restore(
      learners,
    );
    expect(lines).toEqual([]);
  });

  it('[P112] state that arrives after the wait is not used, and that is reported', async () => {
    const { logger, lines } = createLog();
    const { learners, taken } = createLearners(() => undefined);
    let arrive: (snapshot: unknown) => void = () => {};
    const late = new Promise((resolve) => {
      arrive = resolve;
    });
    const load = (name: string): Promise<unknown> =>
      name.endsWith('A-USD') ? Promise.resolve('early') : name.endsWith('B-USD') ? late : never;
    const keeper = createForecastKeeper({ state: storeOf(load), logger, now: () => 0, restoreMs: 20 });
    await keeper.restore(learners);
    expect(keeper.unrestored).toBe(2);
    arrive('late');
    await late;
    expect(taken).toEqual(['early']);
    expect(lines.map(({ level, fields }) => ({ level, fields }))).toEqual([
      { level: 'info', fields: { restored: 1 } },
      { level: 'warn', fields: { late: 2, waitedMs: 20 } },
    ]);
  });

  it('[P112] saving that fails is reported once, and once when it works again', async () => {
    const { logger, lines } = createLog();
    const { learners } = createLearners(() => undefined);
    let isDown = false;
    const save = (): Promise<void> => (isDown ? Promise.reject(new Error('out of reach')) : Promise.resolve());
    const keeper = createForecastKeeper({
      state: storeOf(() => Promise.resolve(undefined), save),
      logger,
      now: () => 0,
    });
    await keeper.restore(learners);
    for (const down of [false, true, true, true, false, false]) {
      isDown = down;
      await keeper.saveNext();
    }
    expect(lines.map(({ level }) => level)).toEqual(['warn', 'info']);
  });
});
