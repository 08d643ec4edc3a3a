import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { createManualClock } from '@tickwire/protocol/testing';
import { ConfigError, createScope } from '@tickwire/runtime';
import { createSeats } from '../limits/seats.js';
import type { CrewState, Metrics, ToPrimary, ToWorker } from './messages.js';
import { openCrew } from './open-crew.js';
import type { ChildListener, Fork } from './worker-process.js';

interface FakeChild {
  readonly worker: number;
  readonly pid: number;
  readonly received: ToWorker[];
  readonly killed: string[];
  say(...messages: ToPrimary[]): void;
  exit(code: number | null, signal?: string): void;
}

/** The message of the first worker that lets an opening crew go on. */
const ready: ToPrimary = { type: 'ready', port: 1, url: 'http://localhost:1/' };
const well = { reasons: [], isDraining: false, connections: 0, rssBytes: 0 };

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn += 1) await nextTurn();
};

const openRig = (size = 2, limits = { maxConnections: 3, maxConnectionsPerIp: 2, connectsPerSecond: 100 }) => {
  const children: FakeChild[] = [];
  const lines: { readonly level: string; readonly details: object; readonly text: string }[] = [];
  const clock = createManualClock();
  const fork: Fork = (worker, { onBatch, onExit }: ChildListener) => {
    const [received, killed]: [ToWorker[], string[]] = [[], []];
    const pid = 100 + children.length;
    children.push({
      worker,
      pid,
      received,
      killed,
      say: (...messages) => onBatch(messages),
      exit: (code, signal) => onExit({ code, signal: signal ?? null }),
    });
    return {
      pid,
      transmit(batch, done) {
        received.push(...batch);
        done();
      },
      kill: (signal) => void killed.push(signal),
    };
  };
  const log = (level: string) => (details: object, text: string) => void lines.push({ level, details, text });
  const scope = createScope();
  const options = {
    size,
    fork,
    clock,
    drainMs: 1_000,
    seats: createSeats({ limits, now: clock.monotonic }),
    logger: { info: log('info'), warn: log('warn'), error: log('error') } as never,
  };
  const opening = openCrew(options, scope);
  opening.catch(() => {});
  const child = (index: number): FakeChild => {
    const found = children[index];
    if (found === undefined) throw new Error(`no child ${index}`);
    return found;
  };
  const open = async () => {
    await turns();
    child(0).say(ready);
    await turns();
    for (const other of children.slice(1)) other.say(ready);
    return opening;
  };
  const seconds = async (count: number): Promise<void> => {
    for (let each = 0; each < count; each += 1) {
      clock.advance(1_000);
      await turns();
    }
  };
  const crewState = ({ received }: FakeChild): CrewState => {
    const reported = received.findLast(({ type }) => type === 'crew');
    return reported?.type === 'crew' ? reported.workers : [];
  };
  return { children, child, lines, clock, scope, opening, open, seconds, crewState };
};

describe('the workers of a gateway', () => {
  test('[GW7] the others start when the first one serves; what keeps it from starting is the error of the start', async () => {
    const { children, child, opening } = openRig(4);
    expect(children).toHaveLength(1);
    child(0).say({ type: 'failed', message: 'TLS_KEY_FILE is missing', exitCode: 2 });
    child(0).exit(2);
    await expect(opening).rejects.toThrow(new ConfigError('TLS_KEY_FILE is missing'));
    expect(children).toHaveLength(1);
    const killed = openRig();
    killed.child(0).exit(null, 'SIGKILL');
    await expect(killed.opening).rejects.toThrow('worker 1 ended while it started: SIGKILL');
  });

  test('[GW6] one that ends is replaced at once, then later and later, and at once again when it has served', async () => {
    const { children, child, lines, open, seconds, clock } = openRig();
    await open();
    child(1).exit(null, 'SIGKILL');
    clock.advance(0);
    expect(children.map(({ worker }) => worker)).toEqual([1, 2, 2]);
    const delays: number[] = [];
    for (let index = 2; index < 10; index += 1) {
      child(index).say({ type: 'failed', message: 'Redis is away', exitCode: 1 });
      child(index).exit(1);
      const before = children.length;
      let waited = 0;
      for (; children.length === before; waited += 1) await seconds(1);
      delays.push(waited);
    }
    expect(delays).toEqual([1, 2, 4, 8, 16, 30, 30, 30]);
    const last = child(children.length - 1);
    last.say(ready);
    for (let minute = 0; minute < 61; minute += 1) {
      last.say({ type: 'report', report: well });
      child(0).say({ type: 'report', report: well });
      await seconds(1);
    }
    const before = children.length;
    last.exit(1);
    clock.advance(0);
    expect(children).toHaveLength(before + 1);
    const ends = lines.filter(({ text }) => text === 'a worker ended unexpectedly: another takes its place');
    expect(ends).toHaveLength(10);
    expect(ends[1]?.details).toMatchObject({ worker: 2, code: 1, reason: 'Redis is away', nextInMs: 1_000 });
    expect(ends[0]?.details).toMatchObject({ worker: 2, workerPid: 101, signal: 'SIGKILL', nextInMs: 0 });
  });

  test('[GW12] one that says nothing while it starts is killed after a minute, and replaced', async () => {
    const { children, child, open, seconds, clock } = openRig();
    await turns();
    child(0).say(ready);
    await turns();
    for (let second = 0; second < 60; second += 1) {
      child(0).say({ type: 'report', report: well });
      await seconds(1);
    }
    expect([child(0).killed, child(1).killed]).toEqual([[], ['SIGKILL']]);
    child(1).exit(null, 'SIGKILL');
    clock.advance(0);
    expect(children.map(({ worker }) => worker)).toEqual([1, 2, 2]);
    await open();
  });

  test('[GW6] one that leaves by itself in good order is no error, and replaced all the same', async () => {
    const { children, child, lines, open, clock } = openRig();
    await open();
    child(1).say({ type: 'leaving' });
    child(1).exit(0);
    clock.advance(0);
    expect(children).toHaveLength(3);
    expect(lines.map(({ level }) => level)).not.toContain('error');
  });

  test('[GW3] clients of all workers count together, and those of one that ends no more', async () => {
    const { child, open } = openRig();
    await open();
    const take = async (index: number, id: number, address: string): Promise<string | undefined> => {
      child(index).say({ type: 'take', id, address });
      await turns();
      const taken = child(index).received.findLast((message) => message.type === 'taken' && message.id === id);
      return taken?.type === 'taken' ? (taken.refusal ?? 'in') : undefined;
    };
    expect([await take(0, 1, 'a'), await take(1, 1, 'a'), await take(0, 2, 'a')]).toEqual([
      'in',
      'in',
      'connections-per-ip',
    ]);
    expect([await take(1, 2, 'b'), await take(0, 3, 'c')]).toEqual(['in', 'connections']);
    child(0).say({ type: 'left', address: 'a' }, { type: 'left', address: 'a' });
    expect([await take(0, 4, 'c'), await take(0, 5, 'd')]).toEqual(['in', 'connections']);
    child(1).exit(null, 'SIGKILL');
    expect([await take(0, 6, 'd'), await take(0, 7, 'd')]).toEqual(['in', 'in']);
  });

  test('[GW5] [GW12] each learns how all fare; one that is silent is named after 5 s, and killed after a minute', async () => {
    const { child, open, seconds, crewState } = openRig();
    await open();
    child(0).say({ type: 'report', report: { ...well, connections: 3 } });
    child(1).say({ type: 'report', report: { ...well, reasons: ['no tick yet'] } });
    await turns();
    expect(crewState(child(0))).toEqual([
      { worker: 1, pid: 100, state: 'serving', ...well, connections: 3 },
      { worker: 2, pid: 101, state: 'serving', ...well, reasons: ['no tick yet'] },
    ]);
    for (let second = 1; second <= 60; second += 1) {
      child(0).say({ type: 'report', report: well });
      await seconds(1);
      const [, other] = crewState(child(0));
      expect(other?.reasons.includes(`silent for ${second} s`)).toBe(second >= 5);
      expect(child(1).killed).toEqual(second < 60 ? [] : ['SIGKILL']);
    }
    // Nothing piles up for it meanwhile.
    expect(child(1).received.length).toBeLessThan(30);
    expect(child(0).killed).toEqual([]);
  });

  test('[GW9] a restart replaces one after the other: a new one serves before an old one is asked to leave', async () => {
    const { children, child, open } = openRig();
    const crew = await open();
    const isAsked = (index: number): boolean => child(index).received.some(({ type }) => type === 'stop');
    const restarted = crew.restart();
    await turns();
    expect(children.map(({ worker }) => worker)).toEqual([1, 2, 1]);
    expect([isAsked(0), isAsked(1)]).toEqual([false, false]);
    child(2).say(ready);
    await turns();
    expect([isAsked(0), isAsked(1), children.length]).toEqual([true, false, 3]);
    child(0).exit(0);
    await turns();
    child(3).say(ready);
    await turns();
    child(1).exit(0);
    await restarted;
    expect(children.map(({ worker }) => worker)).toEqual([1, 2, 1, 2]);
    expect([isAsked(2), isAsked(3)]).toEqual([false, false]);
  });

  test('[GW9] an old one that ends by itself meanwhile leaves no worker too many', async () => {
    const { children, child, open, clock } = openRig();
    const crew = await open();
    const restarted = crew.restart();
    await turns();
    child(0).exit(null, 'SIGKILL');
    clock.advance(0);
    child(3).say(ready);
    child(2).say(ready);
    await turns();
    const isAsked = children.map(({ received }) => received.some(({ type }) => type === 'stop'));
    expect(isAsked).toEqual([false, false, true, false]);
    child(2).exit(0);
    await turns();
    child(4).say(ready);
    await turns();
    child(1).exit(0);
    await restarted;
    expect(children.map(({ worker }) => worker)).toEqual([1, 2, 1, 1, 2]);
  });

  test('[GW9] a new one that cannot start ends the restart: the old ones stay', async () => {
    const { children, child, lines, open } = openRig();
    const crew = await open();
    const restarted = crew.restart();
    await turns();
    child(2).say({ type: 'failed', message: 'Redis is away', exitCode: 1 });
    child(2).exit(1);
    await restarted;
    expect(children).toHaveLength(3);
    expect(lines.at(-1)).toMatchObject({ level: 'error', details: { worker: 1, reason: 'Redis is away' } });
    expect(child(0).received.some(({ type }) => type === 'stop')).toBe(false);
  });

  test('[GW8] a close asks all to leave and waits for them; one that stays is killed, and that is an error', async () => {
    const { children, child, open, clock, scope, crewState } = openRig();
    await open();
    const closed = scope.close();
    await turns();
    expect(children.map(({ received }) => received.some(({ type }) => type === 'stop'))).toEqual([true, true]);
    // Nobody is taken in for the sake of others who leave as well.
    expect(crewState(child(1)).map(({ state }) => state)).toEqual(['leaving', 'leaving']);
    child(0).exit(0);
    clock.advance(16_000);
    expect(child(1).killed).toEqual(['SIGKILL']);
    child(1).exit(null, 'SIGKILL');
    await expect(closed).rejects.toThrow('a worker did not end in good order');
    expect(children).toHaveLength(2);
  });

  test('[GW20] a close while others start asks those that serve to leave, and waits for them', async () => {
    const { children, child, scope, opening } = openRig(3);
    child(0).say(ready);
    await turns();
    expect(children).toHaveLength(3);
    let isClosed = false;
    const closed = scope.close().then(() => {
      isClosed = true;
    });
    await turns();
    expect(children.map(({ received }) => received.some(({ type }) => type === 'stop'))).toEqual([true, true, true]);
    // What was not up yet cannot end in good order.
    for (const index of [1, 2]) child(index).exit(1);
    await turns();
    expect(isClosed).toBe(false);
    child(0).exit(0);
    await closed;
    await opening;
    expect(children).toHaveLength(3);
  });

  test('[GW20] a close while the first one starts, or once it could not, starts no other', async () => {
    const early = openRig(3);
    const closed = early.scope.close();
    await turns();
    early.child(0).say(ready);
    await turns();
    early.child(0).exit(0);
    await closed;
    expect(early.children).toHaveLength(1);

    const failed = openRig(3);
    failed.child(0).say({ type: 'failed', message: 'no certificate', exitCode: 2 });
    failed.child(0).exit(2);
    await expect(failed.opening).rejects.toThrow('no certificate');
    await failed.scope.close();
    expect(failed.children).toHaveLength(1);
  });

  test('[GW2] metrics are those of all; counts of one that ended stay; one that does not answer counts as silent', async () => {
    const { child, open, clock, seconds } = openRig();
    await open();
    const values = (count: number, lag: number): Metrics => [
      { name: 'sent_total', help: 'h', type: 'counter', aggregator: 'sum', values: [{ value: count, labels: {} }] },
      { name: 'lag', help: 'h', type: 'gauge', aggregator: 'max', values: [{ value: lag, labels: {} }] },
    ];
    const asked = (index: number): number => {
      const question = child(index).received.findLast(({ type }) => type === 'metrics');
      return question?.type === 'metrics' ? question.id : -1;
    };
    const gathered = (): string => {
      const text = child(0).received.findLast(({ type }) => type === 'gathered');
      return text?.type === 'gathered' ? text.text : '';
    };
    child(0).say({ type: 'gather', id: 1 }, { type: 'gather', id: 2 });
    await turns();
    child(0).say({ type: 'metrics', id: asked(0), metrics: values(5, 2) });
    child(1).say({ type: 'metrics', id: asked(1), metrics: values(7, 3) });
    await turns();
    expect(gathered()).toMatch(/^sent_total 12$/m);
    expect(gathered()).toMatch(/^lag 3$/m);
    expect(gathered()).toMatch(/^tickwire_workers_silent 0$/m);
    expect(child(0).received.filter(({ type }) => type === 'gathered')).toHaveLength(2);

    child(0).say({ type: 'gather', id: 3 });
    await turns();
    child(0).say({ type: 'metrics', id: asked(0), metrics: values(6, 2) });
    await turns();
    clock.advance(1_000);
    await turns();
    expect(gathered()).toMatch(/^sent_total 13$/m);
    expect(gathered()).toMatch(/^tickwire_workers_silent 1$/m);

    child(1).exit(null, 'SIGKILL');
    await seconds(1);
    child(0).say({ type: 'gather', id: 4 });
    await turns();
    child(0).say({ type: 'metrics', id: asked(0), metrics: values(6, 1) });
    await turns();
    expect(gathered()).toMatch(/^sent_total 13$/m);
    expect(gathered()).toMatch(/^lag 1$/m);
    expect(gathered()).toMatch(/^tickwire_worker_exits_total\{kind="signal"\} 1$/m);
    expect(gathered()).toMatch(/^tickwire_workers 1$/m);
  });
});
