import { busyShare, sampleCores } from '../host/core-sample.js';
import { type ProcessSample, sampleProcess } from '../host/process-sample.js';
import type { BenchClock } from '../wire/clock.js';
import type { WindowPart, WindowRequest } from './commands.js';
import type { Fleet } from './fleet.js';

/**
 * Begins a measured window; the function returned ends it. The server's counters are read here, in the generator, so
 * that they belong to the same instant as what was received.
 */
export const beginWindow = (fleet: Fleet, request: WindowRequest, now: BenchClock): (() => WindowPart) => {
  const sample = () => ({
    at: now(),
    ...fleet.counters,
    frames: fleet.frames(),
    faults: { ...fleet.check.faults },
    server: sampleProcess(request.serverPid),
    redis: request.redisPids.map(sampleProcess),
    own: process.cpuUsage(),
    loadCores: sampleCores(request.loadCores),
    serverCores: sampleCores(request.serverCores),
  });
  const histograms = [fleet.latency, fleet.firstLatency, fleet.lastLatency] as const;
  for (const histogram of histograms) histogram.clear();
  const before = sample();

  return () => {
    const after = sample();
    const seconds = (after.at - before.at) / 1_000;
    const serverCpuSeconds = difference(before.server.cpuSeconds, after.server.cpuSeconds);
    const redisCpuSeconds = difference(cpuOf(before.redis), cpuOf(after.redis));
    const serverBusy = busyShare(before.serverCores, after.serverCores);
    const ownCpuUs = after.own.user + after.own.system - before.own.user - before.own.system;
    return {
      seconds,
      ticks: after.ticks - before.ticks,
      bytes: after.bytes - before.bytes,
      frames: after.frames - before.frames,
      reads: after.reads - before.reads,
      others: after.others - before.others,
      closed: after.closed - before.closed,
      unrecovered: after.unrecovered - before.unrecovered,
      latency: fleet.latency.counts(),
      firstLatency: fleet.firstLatency.counts(),
      lastLatency: fleet.lastLatency.counts(),
      faults: {
        gaps: after.faults.gaps - before.faults.gaps,
        duplicates: after.faults.duplicates - before.faults.duplicates,
        outOfOrder: after.faults.outOfOrder - before.faults.outOfOrder,
        declaredSkips: after.faults.declaredSkips - before.faults.declaredSkips,
        stale: after.faults.stale - before.faults.stale,
      },
      serverCpuSeconds,
      serverWrites: difference(before.server.writeCalls, after.server.writeCalls),
      generatorCpu: ownCpuUs / 1e6 / seconds,
      redisCpu: redisCpuSeconds === undefined ? undefined : redisCpuSeconds / seconds,
      loadCoreBusy: busyShare(before.loadCores, after.loadCores),
      serverCoreOthers:
        serverBusy === undefined || serverCpuSeconds === undefined
          ? undefined
          : Math.max(0, serverBusy * request.serverCores.length - serverCpuSeconds / seconds),
    };
  };
};

const cpuOf = (processes: readonly ProcessSample[]): number | undefined =>
  processes.reduce<number | undefined>(
    (sum, { cpuSeconds }) => (sum === undefined || cpuSeconds === undefined ? undefined : sum + cpuSeconds),
    0,
  );

const difference = (before: number | undefined, after: number | undefined): number | undefined =>
  before === undefined || after === undefined ? undefined : after - before;
