import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ChannelKind, channelKinds, channelName, type Position } from '@tickwire/protocol';
import { waitFor } from '../support/wait-for.js';
import { drawClientPlans } from './client-plans.js';
import { type Deployment, startDeployment } from './deployment.js';
import { inflict, pause } from './inflict.js';
import type { ChaosOptions } from './options.js';
import { describeFault, drawSteps } from './plan.js';
import { createRandom } from './random.js';
import { type ChaosReport, createReport, type Happening } from './report.js';
import { compareWithTruth } from './truth.js';
import { startWorkers, type WorkerPool } from './worker-pool.js';

const symbols = ['BTC-USD', 'ETH-USD', 'SOL-USD', 'XRP-USD'];
const gateways = 3;
const producers = 2;
const workers = 2;
const drainMs = 1_500;
/** Mean time between two departures of a client by its own will. */
const stayMs = 30_000;
/** How long clients may take to hear something again before the next fault comes anyway. */
const settleMs = 20_000;
/** How long until all have come for the first time: some hundred at once, on a machine that may have other work. */
const gatherMs = 60_000;
const finishMs = 20_000;

export interface RunOptions extends ChaosOptions {
  /** The program of the processes of clients. */
  readonly workerProgram: string;
  readonly log: (line: string) => void;
  /** Ends the run, and every process of it. */
  readonly signal: AbortSignal;
}

/** Faults for so many minutes, then silence, then the count. */
export const runChaos = async (options: RunOptions): Promise<ChaosReport> => {
  const { seed, log } = options;
  const random = createRandom(seed);
  const folder = await mkdtemp(join(tmpdir(), 'tickwire-chaos-'));
  let deployment: Deployment | undefined;
  let isKept = true;
  try {
    deployment = await startDeployment({
      folder,
      symbols,
      tradesPerSecond: options.ticks / symbols.length,
      seed,
      gateways,
      producers,
      drainMs,
    });
    if (deployment.urls.balanced.length === 0) log('no HAProxy here: all clients go straight or over a link');
    const clients = drawClientPlans({
      count: options.clients,
      symbols,
      random: random.fork('clients'),
      urls: deployment.urls,
    });
    await using pool = startWorkers({
      program: options.workerProgram,
      clients,
      workers,
      seed,
      stayMs,
      seenFile: (worker) => join(folder, `worker-${worker}.seen`),
    });
    await settled(pool, gatherMs);
    const beganMs = Date.now();
    const happenings = await Promise.race([trouble(options, deployment, pool, beganMs), aborted(options.signal)]);
    const endedMs = Date.now();
    log('no more faults: publishing ends, and everybody must get to where it ended');
    await finish(deployment, pool);
    const truth = await compareWithTruth(deployment.publishLogs, pool.seenFiles);
    const { results } = pool;
    const report = createReport({
      seed,
      clients: clients.length,
      beganMs,
      endedMs,
      happenings,
      results,
      truth,
      isPatient: options.isPatient,
    });
    isKept = options.keep || report.failures.length > 0;
    return report;
  } finally {
    if (deployment !== undefined) {
      for (const member of [...deployment.producers, ...deployment.gateways]) {
        await writeFile(join(folder, `${member.name}.log`), member.output());
      }
      await deployment[Symbol.asyncDispose]();
    }
    if (isKept) log(`logs: ${folder}`);
    else await rm(folder, { recursive: true, force: true });
  }
};

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });

const settled = (pool: WorkerPool, deadlineMs = settleMs): Promise<boolean> =>
  waitFor('clients to hear something', () => pool.silent() === 0, deadlineMs);

const trouble = async (
  options: RunOptions,
  deployment: Deployment,
  pool: WorkerPool,
  beganMs: number,
): Promise<Happening[]> => {
  const { log, minutes, faults: kinds } = options;
  const happenings: Happening[] = [];
  for (const step of drawSteps({ random: createRandom(`${options.seed} plan`), kinds, gateways, producers })) {
    if (Date.now() - beganMs >= minutes * 60_000) break;
    const startedMs = Date.now();
    log(`${seconds(startedMs - beganMs)}  ${step.faults.map(describeFault).join(' + ')}`);
    await Promise.all(step.faults.map((fault) => inflict(fault, deployment)));
    const liftedMs = Date.now();
    await deployment.leader();
    await settled(pool).catch(() => log('          clients are still silent'));
    happenings.push({ faults: step.faults, beganMs: startedMs, liftedMs, settledMs: Date.now() });
    await pause(step.pauseMs);
  }
  return happenings;
};

/** The standby goes first, so that it does not lead when the leader goes. */
const finish = async (deployment: Deployment, pool: WorkerPool): Promise<void> => {
  pool.stay();
  const leader = await deployment.leader();
  for (const producer of deployment.producers) if (producer !== leader) await producer.process.stop();
  await leader.process.stop();
  await pool.finish({ finals: await finalPositions(deployment), deadlineMs: finishMs });
};

const finalPositions = async ({ admin }: Deployment): Promise<(readonly [string, Position])[]> => {
  const finals: (readonly [string, Position])[] = [];
  for (const symbol of symbols) {
    for (const kind of channelKinds satisfies readonly ChannelKind[]) {
      const channel = channelName(kind, 'sim', symbol);
      const { epoch, seq } = await admin.hgetall(`tickwire:position:${channel}`);
      if (epoch !== undefined) finals.push([channel, { epoch, seq: Number(seq) }]);
    }
  }
  return finals;
};

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1).padStart(6)} s`;
