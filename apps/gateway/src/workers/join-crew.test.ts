import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { createManualClock } from '@tickwire/protocol/testing';
import { Counter, Registry } from 'prom-client';
import type { ReadinessReport } from '../readiness/readiness.js';
import { joinCrew } from './join-crew.js';
import type { CrewState, ToPrimary } from './messages.js';
import { shareOf, workerCount } from './worker-count.js';

const own: ReadinessReport = {
  ready: true,
  reasons: [],
  layerRoundTripMs: 1,
  layerSilentMs: 1,
  tickAgeMs: null,
  loopLagMs: 0,
  rssBytes: 10,
  connections: 2,
};
const entry = (worker: number, state: CrewState[number]['state'], reasons: string[] = []): CrewState[number] => ({
  worker,
  state,
  reasons,
  pid: 1_000_000 + worker,
  isDraining: false,
  connections: 3,
  rssBytes: 20,
});

const joinRig = () => {
  const sent: ToPrimary[] = [];
  const stops = { count: 0 };
  const clock = createManualClock();
  const link = joinCrew({
    worker: 1,
    size: 3,
    clock,
    transmit(batch, done) {
      sent.push(...batch);
      done();
    },
    onStop() {
      stops.count += 1;
    },
  });
  const registry = new Registry();
  const counter = new Counter({ name: 'sent_total', help: 'h', registers: [registry] });
  const is = { isDraining: false };
  const membership = link.crew.join({
    registry,
    report: () => ({ reasons: [], isDraining: is.isDraining, connections: 2, rssBytes: 10 }),
  });
  return { ...link, sent, stops, clock, counter, is, membership };
};

describe('a worker among others', () => {
  test('[GW5] is ready together with all that serve, each reason with its worker', () => {
    const { crew, receive, is } = joinRig();
    expect(crew.combine(own)).toMatchObject({ ready: true, workers: { serving: 1, wanted: 3 } });
    const receiveCrew = (...workers: CrewState) => receive([{ type: 'crew', workers }]);
    // Itself among them.
    receiveCrew(
      { ...entry(1, 'serving', ['old']), pid: process.pid },
      entry(2, 'serving'),
      entry(3, 'starting', ['starts']),
    );
    expect(crew.combine(own)).toMatchObject({
      ready: true,
      connections: 8,
      rssBytes: 50,
      workers: { serving: 2, wanted: 3 },
    });
    expect([crew.isAnotherServing, crew.othersRssBytes]).toEqual([true, 40]);
    receiveCrew(entry(2, 'serving', ['no tick yet']), entry(3, 'leaving', ['draining']));
    const late = { ...own, ready: false, reasons: ['event loop late by 300 ms'] };
    expect(crew.combine(late)).toMatchObject({
      ready: false,
      reasons: ['worker 1: event loop late by 300 ms', 'worker 2: no tick yet'],
    });
    // One that leaves says what those say that stay.
    is.isDraining = true;
    const leaving = { ...own, ready: false, reasons: ['draining'] };
    expect(crew.combine(leaving).reasons).toEqual(['worker 2: no tick yet']);
    receiveCrew({ ...entry(2, 'serving'), isDraining: true });
    expect(crew.combine(leaving)).toMatchObject({ ready: false, reasons: ['worker 1: draining'] });
    expect(crew.isAnotherServing).toBe(false);
  });

  test('[GW3] asks the primary for each client, and reports each that leaves', async () => {
    const { crew, receive, sent } = joinRig();
    const answers = Promise.all(['a', 'b'].map((address) => crew.seats.take(address)));
    crew.seats.leave('c');
    await nextTurn();
    const ids = sent.flatMap((message) => (message.type === 'take' ? [message.id] : []));
    expect(sent).toContainEqual({ type: 'left', address: 'c' });
    receive([{ type: 'taken', id: ids[1], refusal: 'connect-rate' }, { type: 'taken', id: ids[0] }, 'nonsense']);
    expect(await answers).toEqual([undefined, 'connect-rate']);
  });

  test('[GW2] answers with its metrics, and leaves its last ones when it ends', async () => {
    const { receive, sent, counter, membership } = joinRig();
    counter.inc(2);
    receive([{ type: 'metrics', id: 9 }]);
    await nextTurn();
    await nextTurn();
    const metrics = [{ name: 'sent_total', values: [{ value: 2, labels: {} }] }];
    expect(sent.at(-1)).toMatchObject({ type: 'metrics', id: 9, metrics });
    counter.inc();
    await membership.close();
    expect(sent.at(-1)).toMatchObject({ id: 0, metrics: [{ values: [{ value: 3 }] }] });
  });

  test('[GW5] reports once a second, and at once when that changes', async () => {
    const { sent, clock, membership, is } = joinRig();
    const reports = () => sent.flatMap((message) => (message.type === 'report' ? [message.report.isDraining] : []));
    await nextTurn();
    clock.advance(1_000);
    is.isDraining = true;
    await nextTurn();
    membership.changed();
    await nextTurn();
    expect(reports()).toEqual([false, false, true]);
    await membership.close();
    clock.advance(5_000);
    await nextTurn();
    expect(reports()).toHaveLength(3);
  });

  test('[GW8] ends when the primary says so', () => {
    const { receive, stops } = joinRig();
    receive([{ type: 'stop' }]);
    expect(stops.count).toBe(1);
  });
});

describe('the number of workers', () => {
  test.each([
    [undefined, { cores: 1, quota: Infinity }, 1],
    [undefined, { cores: 2, quota: Infinity }, 1],
    [undefined, { cores: 8, quota: Infinity }, 7],
    [undefined, { cores: 32, quota: 2.5 }, 1],
    [undefined, { cores: 32, quota: 4 }, 3],
    [6, { cores: 2, quota: 1 }, 6],
  ])('[GW1] asked for %s, on %j: %i', (asked, processors, count) => {
    expect(workerCount(asked, processors)).toBe(count);
  });

  test('[GW4] a bound is divided, and each has some of it', () => {
    expect([shareOf(256, 1), shareOf(256, 3), shareOf(4, 8)]).toEqual([256, 86, 1]);
  });
});
