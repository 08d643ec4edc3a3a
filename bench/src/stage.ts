import type { CorePlan } from './host/core-plan.js';
import { rssBytesOf, sampleProcess } from './host/process-sample.js';
import type { ConnectResult, WindowRequest, WindowResult } from './load/commands.js';
import { type Generators, startGenerators } from './load/generators.js';
import type { Peer, RunningPeer } from './peers/peer.js';
import type { Children } from './process/children.js';
import type { RedisServer } from './process/redis-server.js';
import { startWorker, type Worker } from './process/worker.js';
import type { PublisherCommands, PublishResult } from './publish/commands.js';
import { channelNameOf } from './wire/tick-payload.js';

export interface Backstage {
  readonly children: Children;
  readonly redis: RedisServer;
  readonly cores: CorePlan;
  /** Offset of the clock that all processes share. */
  readonly clockOffsetMs: number;
}

export interface StageOptions {
  readonly peer: Peer;
  readonly clients: number;
  readonly channels: number;
  /** The channels that each client follows; all of them unless the options name some. */
  readonly followed?: readonly (readonly number[])[];
  /** The server may use two cores. */
  readonly usesPair?: boolean;
  /** Another than that of all the other runs. */
  readonly redis?: RedisServer;
  /** @default 60_000 */
  readonly connectLimitMs?: number;
  /** The publisher runs while the clients connect. */
  readonly ticksWhileConnecting?: number;
  /** Memory is read after a collection, where the server collects on a signal. */
  readonly collectsGarbage?: boolean;
  /** Called with the server's port and path when the clients are in. */
  readonly beforeLoad?: (peer: RunningPeer, path: string) => Promise<void>;
}

export interface Load {
  /** Rate over all channels. */
  readonly ticksPerSecond: number;
  /** Ticks published at the same moment. @default 1 */
  readonly burst?: number;
  readonly seconds: number;
  /** Load before the window begins. */
  readonly warmUpSeconds: number;
  /** How often at most the generator reads, see `WindowRequest`. @default 0 */
  readonly napMs?: number;
  /** Ticks are stamped when they leave, not when they were due: where the publisher's own timer would be what is measured. */
  readonly stampsWhenSent?: boolean;
  /** The share of the ticks that a client follows. @default 1 */
  readonly followedShare?: number;
  /** How long the clients have for the ticks that were published last. */
  readonly settleMs: number;
}

export interface Measured {
  readonly window: WindowResult;
  readonly publisher: PublishResult;
  /** Ticks that had not come when the time to settle was over. */
  readonly missing: number;
}

/** A server with its clients connected and a publisher at hand. */
export interface Stage {
  readonly connected: ConnectResult;
  /** What the server worked while they connected. */
  readonly connectCpuSeconds: number | undefined;
  readonly serverPid: number;
  /** For what is not one measured window. */
  readonly generators: Generators;
  readonly publisher: PublisherCommands;
  /** What a window asks for, all sockets read at once. */
  readonly window: WindowRequest;
  /** CPU of server and Redis so far. */
  cpuSeconds(): { readonly server: number; readonly redis: number };
  readonly rssBytes: { readonly empty: number | undefined; readonly connected: number | undefined };
  rssBytesNow(): number | undefined;
  measure(load: Load): Promise<Measured>;
  close(): Promise<void>;
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Clients on their way in at a time: below the backlog of every server here. */
const inFlight = 256;
/** A tick this old is worthless to whoever trades on it. */
const staleAfterMs = 1_000;
const afterConnectMs = 300;
const collectMs = 1_000;
const leaveMs = 2_000;

/** The processes of a stage. */
interface StageParts {
  readonly generator: { readonly ask: Generators };
  readonly publisher: Worker<PublisherCommands>;
  readonly server: RunningPeer;
}

export const openStage = async (backstage: Backstage, options: StageOptions): Promise<Stage> => {
  const { children, cores } = backstage;
  const { peer, clients, channels, redis = backstage.redis, usesPair = false, connectLimitMs = 60_000 } = options;
  const serverCores = usesPair ? cores.pair : cores.server;
  const names = Array.from({ length: channels }, (_, channel) => channelNameOf(channel));
  const opened: { kill(): Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(opened.splice(0).map((process) => process.kill()));
  };

  await redis.clear();
  try {
    const parts = await startParts(backstage, { peer, redis, serverCores, names }, opened);
    const { generator, publisher, server } = parts;
    const serverPid = server.child.pid;
    const rssBytes = async (settleMs: number): Promise<number | undefined> => {
      await sleep(settleMs);
      if (options.collectsGarbage === true && peer.collectsOnSignal === true) {
        server.child.process.kill('SIGUSR2');
        await sleep(collectMs);
      }
      return rssBytesOf(serverPid);
    };
    const empty = await rssBytes(100);

    const { followed, ticksWhileConnecting } = options;
    const greetings = (followed ?? [names.map((_, channel) => channel)]).map((list) =>
      peer.greeting(list.map(channelNameOf)),
    );
    if (ticksWhileConnecting !== undefined) {
      await publisher.ask.start({ ticksPerSecond: ticksWhileConnecting, burst: 1, limitMs: connectLimitMs + 5_000 });
    }
    const cpuBefore = sampleProcess(serverPid).cpuSeconds;
    const connected = await generator.ask.connect({
      port: server.port,
      clients,
      channels,
      greetings,
      followed,
      inFlight,
      staleAfterMs,
      place: { first: 0, all: clients },
      limitMs: connectLimitMs,
    });
    const cpuAfter = sampleProcess(serverPid).cpuSeconds;
    if (ticksWhileConnecting !== undefined) await publisher.ask.stop();
    await options.beforeLoad?.(server, greetings[0]?.path ?? '/');
    const full = await rssBytes(afterConnectMs);

    const window: WindowRequest = { serverPid, redisPids: redis.pids, napMs: 0, serverCores, loadCores: cores.load };
    return {
      connected,
      generators: generator.ask,
      publisher: publisher.ask,
      window,
      cpuSeconds: () => ({
        server: sampleProcess(serverPid).cpuSeconds ?? Number.NaN,
        redis: redis.pids.reduce((sum, pid) => sum + (sampleProcess(pid).cpuSeconds ?? Number.NaN), 0),
      }),
      connectCpuSeconds: cpuBefore === undefined || cpuAfter === undefined ? undefined : cpuAfter - cpuBefore,
      serverPid,
      rssBytes: { empty, connected: full },
      rssBytesNow: () => rssBytesOf(serverPid),
      close,
      async measure(load) {
        const measured = await measureWindow(parts, window, load);
        if (!children.isRunning(server.child)) throw new Error(`${peer.name} ended: ${server.child.output().trim()}`);
        return measured;
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
};

/** Starts generators, publisher and server, each on its cores; what was started is added to `opened`. */
const startParts = async (
  { children, cores, clockOffsetMs }: Backstage,
  options: { peer: Peer; redis: RedisServer; serverCores: readonly number[]; names: readonly string[] },
  opened: { kill(): Promise<void> }[],
): Promise<StageParts> => {
  const { peer, redis, serverCores, names } = options;
  const pinTo = (which: readonly number[]): readonly number[] | undefined => (cores.isPinned ? which : undefined);
  const args = [String(clockOffsetMs)];
  const generator = startGenerators(children, { args }, pinTo(cores.load));
  // Killed with its connections open, a generator would leave as many ports waiting.
  opened.push({ kill: () => Promise.race([generator.ask.close(), sleep(leaveMs)]).then(generator.kill) });
  const publisher: Worker<PublisherCommands> = startWorker(children, {
    name: 'publisher',
    module: 'publish/main.js',
    args,
    cores: pinTo(cores.backstage),
  });
  opened.push(publisher);
  const server = await peer.start({
    children,
    cores: pinTo(serverCores),
    redisUrl: redis.url,
    redisPort: redis.port,
    channels: names,
  });
  opened.push(server.child);
  await publisher.ask.open({ redisUrl: redis.url, form: peer.form, channels: names.length });
  return { generator, publisher, server };
};

/** Publishes the load, warms up, and measures one window. */
const measureWindow = async (
  { generator, publisher }: StageParts,
  request: WindowRequest,
  { ticksPerSecond, burst = 1, stampsWhenSent = false, seconds, warmUpSeconds, napMs = 0, settleMs }: Load,
): Promise<Measured> => {
  const limitMs = (seconds + warmUpSeconds) * 1_000 + 5_000;
  await publisher.ask.start({ ticksPerSecond, burst, stampsWhenSent, limitMs });
  // The nap of the window applies from now on: latency and cost of the warm-up are not counted.
  await generator.ask.begin({ ...request, napMs });
  await sleep(warmUpSeconds * 1_000);
  await generator.ask.begin({ ...request, napMs });
  await sleep(seconds * 1_000);
  const window = await generator.ask.end();
  const published = await publisher.ask.stop();
  const missing = await generator.ask.settle(published.published, settleMs);
  return { window, publisher: published, missing };
};
