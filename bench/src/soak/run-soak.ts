import { leaveServerCore, planCores } from '../host/core-plan.js';
import { maxClientsHere } from '../host/host-facts.js';
import { UsageError } from '../options.js';
import type { RunningPeer } from '../peers/peer.js';
import { tickwirePeer } from '../peers/tickwire.js';
import { type Children, createChildren } from '../process/children.js';
import { startRedisServer } from '../process/redis-server.js';
import { startWorker } from '../process/worker.js';
import type { PublisherCommands } from '../publish/commands.js';
import { wallOffsetMs } from '../wire/clock.js';
import { channelNameOf } from '../wire/tick-payload.js';
import type { CrowdCommands } from './commands.js';
import { type GatewaySample, readGatewaySample } from './gateway-sample.js';
import type { SoakOptions } from './options.js';
import { createSoakReport, type SoakReport } from './report.js';
import { createSilentClients } from './silent-clients.js';

const channels = 20;
const minuteMs = 60_000;
const sampleMs = 5_000;
const samplesAtLeast = 20;
/** From the signal that collects to the question, which then waits for the collection: garbage made meanwhile is noise. */
const collectMs = 20;
const comeLimitMs = 60_000;
const settleMs = 20_000;
/** Longer than a gateway keeps a channel that nobody follows. */
const goneLimitMs = 30_000;
const goneMs = 500;
const silentShare = 0.02;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));

/** Clients that come and go for some time, and what is left of them in the gateway. */
export const runSoak = async (options: SoakOptions, say: (line: string) => void): Promise<SoakReport> => {
  const silentCount = Math.ceil(options.clients * silentShare);
  if (options.clients + silentCount > maxClientsHere()) {
    throw new UsageError(`a process here may open ${maxClientsHere()} connections (ulimit -n)`);
  }
  const cores = planCores();
  leaveServerCore(cores);
  const pinTo = (which: readonly number[]): readonly number[] | undefined => (cores.isPinned ? which : undefined);
  const children = createChildren();
  const redis = await startRedisServer(children, pinTo(cores.backstage));
  try {
    const names = Array.from({ length: channels }, (_, channel) => channelNameOf(channel));
    const crowd = startWorker<CrowdCommands>(children, {
      name: 'clients',
      module: 'soak/crowd-main.js',
      args: [],
      cores: pinTo(cores.load),
    });
    const publisher = startWorker<PublisherCommands>(children, {
      name: 'publisher',
      module: 'publish/main.js',
      args: [String(wallOffsetMs())],
      cores: pinTo(cores.backstage),
    });
    // A small outbox: a client that never reads is noticed within seconds.
    const peer = tickwirePeer({ env: { MAX_OUTBOX_BYTES: '65536' }, collectsOnSignal: true });
    const context = { children, cores: pinTo(cores.server), redisUrl: redis.url, redisPort: redis.port };
    const gateway = await peer.start({ ...context, channels: names });
    await publisher.ask.open({ redisUrl: redis.url, form: 'history', channels });
    const sample = sampler(gateway, children);
    const before = await sample(0);

    const limitMs = options.minutes * minuteMs + comeLimitMs + settleMs * 2;
    await publisher.ask.start({ ticksPerSecond: options.ticks, burst: 1, limitMs });
    await crowd.ask.open({ port: gateway.port, clients: options.clients, channels, limitMs: comeLimitMs });
    say(`${options.clients} clients are in`);
    await crowd.ask.churn(options.leaves);
    const silent = createSilentClients({ children, cores: pinTo(cores.load), port: gateway.port, count: silentCount });
    if (silent.missing !== undefined) say(`no clients that never read: ${silent.missing}`);

    const samples: GatewaySample[] = [];
    for await (const taken of samplesOver(options.minutes, sample, silent.turn)) {
      samples.push(taken);
      say(progress(taken));
    }

    await silent.close();
    await crowd.ask.stay(settleMs);
    // Each client gets at least one tick of each of its channels: one that got none could miss none.
    await sleep((2 * channels * 1_000) / options.ticks);
    const { published, ticks } = await publisher.ask.stop();
    const missing = await crowd.ask.settle(published, settleMs);
    const clients = await crowd.ask.counts();
    await crowd.ask.leave();
    const after = await sampleOnceLeft(before, () => sample(options.minutes));
    return createSoakReport({
      options,
      before,
      samples,
      after,
      clients,
      missing,
      published: ticks,
      silentClients: silent.missing === undefined ? silentCount : 0,
    });
  } finally {
    children.killAll();
    await redis.close();
  }
};

type Sample = (minutes: number) => Promise<GatewaySample>;

/** Reads the gateway's metrics after a collection. @throws Error if the gateway has ended */
const sampler =
  ({ child, port }: RunningPeer, children: Children): Sample =>
  async (minutes) => {
    child.process.kill('SIGUSR2');
    await sleep(collectMs);
    if (!children.isRunning(child)) throw new Error(`the gateway ended: ${child.output()}`);
    const page = await fetch(`http://127.0.0.1:${port}/metrics`);
    return readGatewaySample(await page.text(), minutes);
  };

/** Takes samples at equal distances for this many minutes; `turn` runs before each. */
async function* samplesOver(minutes: number, sample: Sample, turn: () => Promise<void>): AsyncGenerator<GatewaySample> {
  const beganAt = performance.now();
  const everyMs = Math.min(sampleMs, (minutes * minuteMs) / samplesAtLeast);
  for (let count = 1; performance.now() - beganAt < minutes * minuteMs; count += 1) {
    await sleep(beganAt + count * everyMs - performance.now());
    await turn();
    yield sample((performance.now() - beganAt) / minuteMs);
  }
}

/** The first sample without a trace of the clients, or the one at the deadline. */
const sampleOnceLeft = async (before: GatewaySample, sample: () => Promise<GatewaySample>): Promise<GatewaySample> => {
  const isLeft = ({ connections, channels: followed }: GatewaySample): boolean =>
    connections <= before.connections && followed <= before.channels;
  const deadline = performance.now() + goneLimitMs;
  while (!isLeft(await sample()) && performance.now() < deadline) await sleep(goneMs);
  // What closes a connection may outlast it for a moment.
  await sleep(goneMs);
  return sample();
};

const progress = ({ minutes, heapBytes, rssBytes, connections, channels: followed }: GatewaySample): string =>
  `${minutes.toFixed(1).padStart(6)} min  heap ${(heapBytes / 1_048_576).toFixed(2)} MiB, RSS ${(rssBytes / 1_048_576).toFixed(1)} MiB, ${connections} sessions, ${followed} channels`;
