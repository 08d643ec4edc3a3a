import type { Scenario } from '../bench.js';
import { waitForPorts } from '../host/waiting-ports.js';
import type { DropsResult, WindowResult } from '../load/commands.js';
import { socketIoPeer } from '../peers/node-servers.js';
import { rivals } from '../peers/rivals.js';
import { tickwireCentrifugePeer, tickwirePeer } from '../peers/tickwire.js';
import type { PublishResult } from '../publish/commands.js';
import { figure, select } from '../report/query.js';
import type { Figures } from '../report/run.js';
import { atLeast, atMost } from '../report/target.js';
import type { Stage } from '../stage.js';

const name = 'drops';
const ticksPerSecond = 40;
const everyMs = 3_000;
const awayMs = 250;
const load = `${ticksPerSecond} ticks/s, each connection breaks every ${everyMs / 1_000} s`;
const settleMs = 15_000;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** How much of what was published while connections broke came, came twice, and came late. */
export const figuresOfDrops = (
  { ticks, faults }: Pick<WindowResult, 'ticks' | 'faults'>,
  published: number,
  clients: number,
): Figures => {
  const expected = published * clients;
  const doubled = faults.duplicates + faults.outOfOrder;
  return {
    deliveredShare: (ticks - doubled) / expected,
    doubledShare: doubled / expected,
    lateShare: faults.stale / expected,
    gaps: faults.gaps,
    declaredSkips: faults.declaredSkips,
  };
};

/** Mobile clients, in short: connections break and are made again all the time. */
export const drops: Scenario = {
  name,
  title: 'Connections that break every few seconds: share of the ticks delivered, doubled, late by more than a second',
  isLong: true,

  async run(bench) {
    const seconds = bench.options.isQuick ? 3 : 6;
    for (const clients of bench.possibleClients([bench.options.isQuick ? 200 : 1_000])) {
      const peers = [tickwirePeer(), tickwireCentrifugePeer(), ...rivals(), socketIoPeer()];
      await bench.eachRound(peers, async (peer, round) => {
        await waitForPorts();
        await bench.withStage({ peer, clients, channels: 1 }, async (stage) => {
          const { window, published, drops: result, ticks } = await measureDrops(stage, seconds, round);
          const notes = [
            ...(result.isComplete ? [] : ['some did not get back in']),
            ...(window.closed > 0 ? [`${window.closed} closed by the server`] : []),
            ...(window.unrecovered > 0 ? [`${window.unrecovered} told that they cannot recover`] : []),
            ...(result.refusal === undefined ? [] : [result.refusal]),
          ];
          bench.file(
            { peer: peer.name, clients, channels: 1, load, round },
            { ...figuresOfDrops(window, ticks, clients), breaks: result.breaks, missing: published.missing },
            notes,
          );
        });
      });
    }
  },

  targets(runs) {
    const of = (peer: string) => select(runs, { scenario: name, peer });
    return ['tickwire', 'tickwire, Centrifuge'].flatMap((peer) => [
      atLeast(`${peer}: delivered while connections break`, 1, '', figure(of(peer), 'deliveredShare')),
      atMost(`${peer}: doubled while connections break`, 0, '', figure(of(peer), 'doubledShare')),
    ]);
  },
};

interface MeasuredDrops {
  readonly window: WindowResult;
  readonly published: { readonly missing: number };
  readonly drops: DropsResult;
  /** Ticks published in the window. */
  readonly ticks: number;
}

/** Every client has a position before the first break, and time to get what is missing after the last. */
const measureDrops = async (stage: Stage, seconds: number, seed: number): Promise<MeasuredDrops> => {
  const { generators, publisher } = stage;
  const limitMs = seconds * 1_000 + 30_000;
  await publisher.start({ ticksPerSecond, burst: 1, limitMs: 500 });
  await sleep(600);
  const first: PublishResult = await publisher.stop();
  if ((await generators.settle(first.published, settleMs)) > 0)
    throw new Error('the clients did not get the first ticks');
  await generators.begin(stage.window);
  await publisher.start({ ticksPerSecond, burst: 1, limitMs });
  await generators.startDrops({ everyMs, awayMs, seed });
  await sleep(seconds * 1_000);
  const result = await generators.stopDrops(settleMs);
  // A client that cannot get what it missed learns it with the next tick.
  await sleep((3 * 1_000) / ticksPerSecond);
  const last = await publisher.stop();
  const missing = await generators.settle(last.published, settleMs);
  return { window: await generators.end(), published: { missing }, drops: result, ticks: last.ticks };
};
