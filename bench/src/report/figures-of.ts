import type { Measured, Stage } from '../stage.js';
import type { Figures } from './run.js';

/** Above this share of its core the generator may limit the result. */
const fullCore = 0.9;
/** Above this share, other processes on its core delay the generator. */
const fullLoadCore = 0.97;
/** The share of the server's core that others may use before a run counts as disturbed. */
const tolerated = 0.1;
const lateMs = 20;

export const figuresOf = ({ window, publisher, missing }: Measured, offeredPerSecond: number): Figures => {
  const { seconds, ticks, serverCpuSeconds, serverWrites, latencyMs, faults } = window;
  // Servers that send with the `send` family show no writes.
  const writes = serverWrites !== undefined && serverWrites * 50 > window.reads ? serverWrites : undefined;
  const perTick = (amount: number | undefined): number | undefined =>
    amount === undefined || ticks === 0 ? undefined : amount / ticks;
  return {
    offeredPerSecond,
    deliveredPerSecond: ticks / seconds,
    writesPerSecond: writes === undefined ? undefined : writes / seconds,
    ticksPerWrite: writes === undefined ? undefined : ticks / writes,
    cpuUsPerWrite:
      writes === undefined || writes === 0 || serverCpuSeconds === undefined
        ? undefined
        : (serverCpuSeconds * 1e6) / writes,
    bytesPerTick: window.bytes / Math.max(ticks, 1),
    cpuUsPerTick: perTick(serverCpuSeconds === undefined ? undefined : serverCpuSeconds * 1e6),
    ticksPerCpuSecond: serverCpuSeconds ? ticks / serverCpuSeconds : undefined,
    serverCpu: serverCpuSeconds === undefined ? undefined : serverCpuSeconds / seconds,
    p50Ms: latencyMs.p50,
    p99Ms: latencyMs.p99,
    p999Ms: latencyMs.p999,
    gaps: faults.gaps,
    orderErrors: faults.duplicates + faults.outOfOrder,
    declaredSkips: faults.declaredSkips,
    stale: faults.stale,
    missing,
    lost: faults.gaps + faults.declaredSkips + missing,
    closed: window.closed,
    generatorCpu: window.generatorCpu,
    redisCpu: window.redisCpu,
    publisherCpu: publisher.cpu,
    loadCoreBusy: window.loadCoreBusy,
    serverCoreOthers: window.serverCoreOthers,
    publisherLateMs: publisher.latenessMs.p99,
  };
};

/** Whether the clients that are written to first and last have the same latency. */
export const fairnessOf = ({ window: { firstLatencyMs, lastLatencyMs } }: Measured): Figures =>
  firstLatencyMs.count === 0 || lastLatencyMs.count === 0
    ? {}
    : { firstP99Ms: firstLatencyMs.p99, lastP99Ms: lastLatencyMs.p99 };

/** Why the figures are worth less than they seem. */
export const notesOf = ({ window, publisher, missing }: Measured): string[] => {
  const notes: string[] = [];
  if (window.generatorCpu > fullCore) notes.push('generator was the bottleneck');
  else if ((window.loadCoreBusy ?? 0) > fullLoadCore) notes.push('generator core full');
  if ((window.serverCoreOthers ?? 0) > tolerated) notes.push('disturbed: others on the server core');
  if (publisher.latenessMs.p99 > lateMs) notes.push('publisher late');
  if (window.closed > 0) notes.push(`${window.closed} clients closed`);
  if (missing > 0) notes.push('lags behind');
  return notes;
};

export const rssPerClient = ({ rssBytes, connected }: Stage): number | undefined =>
  rssBytes.connected === undefined || rssBytes.empty === undefined
    ? undefined
    : (rssBytes.connected - rssBytes.empty) / Math.max(connected.connected, 1);
