import type { GroupLayer, History } from '@tickwire/channel-layer';
import type { Logger, Scope } from '@tickwire/runtime';
import type { ProducedCatalog } from '../catalog.js';
import { createDoor, type Door } from '../limits/door.js';
import type { LimitsConfig } from '../limits/limits-config.js';
import type { GatewayMetrics } from '../metrics/gateway-metrics.js';
import type { Crew, Membership } from '../workers/crew.js';
import { createCatalogCheck } from './catalog-check.js';
import type { LayerLoss } from './layer-loss.js';
import { openLayerProbe } from './layer-probe.js';
import { createOverload, type Overload, type OverloadOptions } from './overload.js';
import { createReadiness, type Readiness, type ReadinessReport } from './readiness.js';
import { createTickAge } from './tick-age.js';

export interface AdmissionOptions {
  readonly limits: LimitsConfig;
  /** Clients that this process has room for. */
  readonly maxHere: number;
  readonly crew: Crew;
  readonly layer: GroupLayer;
  readonly layerLoss: LayerLoss;
  readonly history: Pick<History, 'newest'>;
  readonly produced: ProducedCatalog;
  readonly gatewayId: string;
  readonly metrics: GatewayMetrics;
  readonly logger: Logger;
  /** Measurements of the event loop. @default the process's own */
  readonly loop?: LoopMeasurements;
}

export type LoopMeasurements = Pick<OverloadOptions, 'readLagMs' | 'readUtilization'>;

/** Decides whether new clients may come: one at a time at the door, and all of them by readiness. */
export interface Admission {
  readonly door: Door;
  readonly overload: Overload;
  readonly readiness: Readiness;
  /** Whether the gateway with all its workers is ready. */
  readonly report: () => ReadinessReport;
  readonly membership: Membership;
}

/** @throws what the layer throws when it cannot subscribe. */
export const openAdmission = async (options: AdmissionOptions, scope: Scope): Promise<Admission> => {
  const { limits, maxHere, crew, layer, layerLoss, history, produced, gatewayId, metrics, logger, loop } = options;
  const overload = scope.own(
    createOverload({
      maxLagMs: limits.maxLoopLagMs,
      maxRssBytes: limits.maxRssMb * 2 ** 20,
      readOthersRssBytes: () => crew.othersRssBytes,
      ...loop,
    }),
  );
  const probe = scope.own(await openLayerProbe({ layer, gatewayId }));
  const tickAge = scope.own(createTickAge({ history, catalog: produced }));
  const catalogCheck = scope.own(createCatalogCheck({ history, catalog: produced, metrics, logger }));
  const isDraining = (): boolean => readiness.isDraining;
  const door = createDoor({ limits, overload, metrics, logger, isDraining, seats: crew.seats, maxHere });
  const connections = (): number => door.connections;
  const readiness = createReadiness({ layerLoss, probe, tickAge, overload, catalogCheck, connections, ...limits });
  const report = (): ReadinessReport => crew.combine(readiness.report());
  metrics.gauge('connections', 'WebSockets and event streams that are open', connections);
  metrics.gauge(
    'loop_lag_seconds',
    'Median delay of the event loop in the last second; of several workers the longest',
    () => overload.lagMs / 1_000,
    'max',
  );
  metrics.gauge('ready', '1 while new clients are taken', () => Number(report().ready), 'min');
  const membership = scope.own(
    crew.join({
      registry: metrics.registry,
      report: () => ({
        reasons: [...readiness.reasons()],
        isDraining: isDraining(),
        connections: connections(),
        rssBytes: overload.rssBytes,
      }),
    }),
  );
  return { door, overload, readiness, report, membership };
};
