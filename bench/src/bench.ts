import { maxClientsHere } from './host/host-facts.js';
import type { BenchOptions } from './options.js';
import type { Peer } from './peers/peer.js';
import type { Child } from './process/children.js';
import { startRedisCluster } from './process/redis-cluster.js';
import type { RedisServer } from './process/redis-server.js';
import { figuresOf, notesOf } from './report/figures-of.js';
import type { Figures, Omission, Run } from './report/run.js';
import type { TargetResult } from './report/target.js';
import { type Backstage, type Load, type Measured, openStage, type Stage, type StageOptions } from './stage.js';

/** One kind of measurement. */
export interface Scenario {
  readonly name: string;
  readonly title: string;
  /** `--quick` leaves it out unless it is named. */
  readonly isLong?: boolean;
  run(bench: Bench): Promise<void>;
  /** Judges the targets by the runs of this scenario. */
  targets(runs: readonly Run[]): readonly TargetResult[];
}

/** What identifies a run in the report. */
export type RunLabel = Pick<Run, 'clients' | 'channels' | 'load' | 'round'> & { readonly peer: string };

/** The tools of a scenario. */
export interface Bench {
  readonly options: BenchOptions;
  /**
   * Calls back once for each server and round; the servers take turns, and each round begins with another. Servers that
   * are missing here are reported as missing. One that fails is reported, and the others go on.
   */
  eachRound(peers: readonly Peer[], run: (peer: Peer, round: number) => Promise<void>): Promise<void>;
  /** Opens a stage for the time of the callback. */
  withStage(options: StageOptions, use: (stage: Stage) => Promise<void>): Promise<void>;
  /** Measures a window and adds the run to the report. `more` returns further figures when the window is over. */
  measure(stage: Stage, label: RunLabel, load: Load, more?: (measured: Measured) => Figures): Promise<Measured>;
  file(label: RunLabel, figures: Figures, notes?: readonly string[]): void;
  /** Starts a helper on the generator's side. It ends with the benchmark at the latest. */
  startHelper(name: string, command: string, args: readonly string[]): Child;
  /** Starts a cluster for this scenario alone; the caller closes it. */
  startRedisCluster(masters: number): Promise<RedisServer>;
  omit(what: string, why: string): void;
  /** Those of the wanted numbers of clients that this machine can hold. */
  possibleClients(wanted: readonly number[]): readonly number[];
}

export interface BenchLog {
  readonly runs: Run[];
  readonly omissions: Omission[];
  /** Set-ups of the servers that ran. */
  readonly setUps: Map<string, string>;
}

export interface BenchContext {
  readonly options: BenchOptions;
  readonly backstage: Backstage;
  readonly log: BenchLog;
  readonly say: (line: string) => void;
  /** No run begins after this moment of `performance.now`. */
  readonly endsAt: number;
}

export const createBench = (scenario: string, { options, backstage, log, say, endsAt }: BenchContext): Bench => {
  const omit = (what: string, why: string): void => {
    if (log.omissions.some((known) => known.scenario === scenario && known.what === what && known.why === why)) return;
    log.omissions.push({ scenario, what, why });
    say(`  ${what}: left out, ${why}`);
  };

  const isWanted = ({ name }: Peer): boolean =>
    options.peers === undefined || options.peers.some((part) => name.toLowerCase().includes(part.toLowerCase()));

  const present = (peers: readonly Peer[]): readonly Peer[] =>
    peers.filter(isWanted).filter((peer) => {
      const missing = peer.missing(options.isQuick);
      if (missing !== undefined) omit(peer.name, missing);
      else log.setUps.set(peer.name, peer.setUp);
      return missing === undefined;
    });

  const file = (label: RunLabel, figures: Figures, notes: readonly string[] = []): void => {
    log.runs.push({ scenario, ...label, figures, notes });
    say(`  ${describe(label, figures)}${notes.length > 0 ? `  [${notes.join('; ')}]` : ''}`);
  };

  return {
    options,
    omit,
    file,

    async eachRound(peers, run) {
      const here = present(peers);
      for (let round = 0; round < options.rounds; round += 1) {
        for (let turn = 0; turn < here.length; turn += 1) {
          const peer = here[(turn + round) % here.length];
          if (peer === undefined) continue;
          if (performance.now() > endsAt) {
            omit(`${peer.name}, round ${round + 1}`, 'out of time');
            continue;
          }
          try {
            await run(peer, round);
          } catch (error) {
            omit(`${peer.name}, round ${round + 1}`, `failed: ${(error as Error).message.slice(0, 500)}`);
          }
        }
      }
    },

    async withStage(stageOptions, use) {
      const stage = await openStage(backstage, stageOptions);
      try {
        const { connected, failed } = stage.connected;
        if (failed > 0) omit(`${stageOptions.peer.name}, ${failed} clients`, `only ${connected} could connect in time`);
        await use(stage);
      } finally {
        await stage.close();
      }
    },

    async measure(stage, label, load, more = () => ({})) {
      const measured = await stage.measure(load);
      const offered = load.ticksPerSecond * label.clients * (load.followedShare ?? 1);
      const { connected, failed } = stage.connected;
      const notes = [...notesOf(measured), ...(failed > 0 ? [`only ${connected} clients in`] : [])];
      file(label, { ...figuresOf(measured, offered), ...more(measured) }, notes);
      return measured;
    },

    startHelper: (name, command, args) =>
      backstage.children.start({
        name,
        command,
        args,
        cores: backstage.cores.isPinned ? backstage.cores.load : undefined,
      }),

    startRedisCluster: (masters) =>
      startRedisCluster(backstage.children, backstage.cores.isPinned ? backstage.cores.backstage : undefined, masters),

    possibleClients(wanted) {
      const most = maxClientsHere();
      const asked = options.clients ?? wanted;
      for (const clients of asked) {
        if (clients > most) omit(`${clients} clients`, `a process here may open ${most} connections (ulimit -n)`);
      }
      return asked.filter((clients) => clients <= most);
    },
  };
};

const describe = ({ peer, clients, channels, load, round }: RunLabel, figures: Figures): string => {
  const who = clients > 0 ? `${peer}, ${clients} clients, ${channels} ch` : peer;
  const parts = [`${who}, ${load}, round ${round + 1}:`];
  const { deliveredPerSecond, cpuUsPerTick, p50Ms, p99Ms, connectMs, usPerItem } = figures;
  const { servedMs, recoveryCpuSeconds, deliveredShare, redisUsPerMessage } = figures;
  if (deliveredPerSecond !== undefined) parts.push(`${Math.round(deliveredPerSecond)} ticks/s`);
  if (cpuUsPerTick !== undefined) parts.push(`${cpuUsPerTick.toFixed(2)} us/tick`);
  if (p50Ms !== undefined && p99Ms !== undefined) parts.push(`p50 ${p50Ms.toFixed(2)}, p99 ${p99Ms.toFixed(1)} ms`);
  if (connectMs !== undefined) parts.push(`in after ${Math.round(connectMs)} ms`);
  if (servedMs !== undefined) parts.push(`served after ${Math.round(servedMs)} ms`);
  if (recoveryCpuSeconds !== undefined) parts.push(`${recoveryCpuSeconds.toFixed(2)} s CPU`);
  if (deliveredShare !== undefined) parts.push(`delivered ${(deliveredShare * 100).toFixed(2)} %`);
  if (redisUsPerMessage !== undefined) parts.push(`Redis ${redisUsPerMessage.toFixed(1)} us/message`);
  if (usPerItem !== undefined) parts.push(`${usPerItem.toFixed(3)} us/item`);
  return parts.join(' ');
};
