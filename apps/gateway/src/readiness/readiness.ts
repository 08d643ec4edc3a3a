import type { CatalogCheck } from './catalog-check.js';
import type { LayerLoss } from './layer-loss.js';
import type { LayerProbe } from './layer-probe.js';
import type { Overload } from './overload.js';
import type { TickAge } from './tick-age.js';

/** The answer of `/readyz`. */
export interface ReadinessReport {
  readonly ready: boolean;
  /** The reasons why it is not ready. */
  readonly reasons: readonly string[];
  /** A message through the layer and back; null before the first. */
  readonly layerRoundTripMs: number | null;
  readonly layerSilentMs: number;
  readonly tickAgeMs: number | null;
  readonly loopLagMs: number;
  readonly rssBytes: number;
  readonly connections: number;
  /** Those that take clients, and how many there are to be. Absent for a gateway of one process. */
  readonly workers?: { readonly serving: number; readonly wanted: number };
}

/** Whether new clients should be sent here, and if not, why. */
export interface Readiness {
  /** Empty when ready. */
  reasons(): readonly string[];
  report(): ReadinessReport;
  /** Not ready from now on: the gateway is about to close. */
  drain(): void;
  /** Connections that browsers opened earlier may still send requests; a client admitted now would be cut off. */
  readonly isDraining: boolean;
}

export interface ReadinessOptions {
  readonly layerLoss: Pick<LayerLoss, 'reason'>;
  readonly probe: Pick<LayerProbe, 'roundTripMs' | 'silentMs'>;
  readonly tickAge: Pick<TickAge, 'ageMs'>;
  readonly overload: Pick<Overload, 'reason' | 'lagMs' | 'rssBytes' | 'sharedRssBytes'>;
  readonly catalogCheck: Pick<CatalogCheck, 'reason'>;
  readonly connections: () => number;
  /** 0: never. */
  readonly maxTickAgeMs: number;
}

/** Time in which three probes did not return. */
const maxSilentMs = 6_500;

const tenths = (ms: number): number => Math.round(ms * 10) / 10;

export const createReadiness = (options: ReadinessOptions): Readiness => {
  const { layerLoss, probe, tickAge, overload, catalogCheck, connections, maxTickAgeMs } = options;
  let isDraining = false;

  const reasons = (): readonly string[] => {
    const found: string[] = [];
    if (isDraining) found.push('draining');
    const { reason: lost } = layerLoss;
    if (lost !== undefined) found.push(`channel layer lost: ${lost}`);
    if (probe.roundTripMs === undefined || probe.silentMs > maxSilentMs) {
      found.push(`channel layer silent for ${Math.round(probe.silentMs)} ms`);
    }
    if (overload.reason === 'loop-lag') found.push(`event loop late by ${Math.round(overload.lagMs)} ms`);
    if (overload.reason === 'memory') found.push(`memory at ${Math.round(overload.sharedRssBytes / 2 ** 20)} MiB`);
    if (catalogCheck.reason !== undefined) found.push(catalogCheck.reason);
    const { ageMs } = tickAge;
    if (maxTickAgeMs > 0 && (ageMs === undefined || ageMs > maxTickAgeMs)) {
      found.push(ageMs === undefined ? 'no tick yet' : `newest tick ${ageMs} ms old`);
    }
    return found;
  };

  return {
    reasons,
    report() {
      const found = reasons();
      return {
        ready: found.length === 0,
        reasons: found,
        layerRoundTripMs: probe.roundTripMs === undefined ? null : tenths(probe.roundTripMs),
        layerSilentMs: Math.round(probe.silentMs),
        tickAgeMs: tickAge.ageMs ?? null,
        loopLagMs: tenths(overload.lagMs),
        rssBytes: overload.rssBytes,
        connections: connections(),
      };
    },
    drain() {
      isDraining = true;
    },
    get isDraining() {
      return isDraining;
    },
  };
};
