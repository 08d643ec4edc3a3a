import { hostname } from 'node:os';
import { type Backend, closeServer, type Logger, listen, type Scope } from '@tickwire/runtime';
import type { ProducerConfig } from './config.js';
import { createHealthServer } from './operations/health.js';
import { createProducerMetrics } from './operations/metrics.js';
import { reportToOperators } from './operations/operator-status.js';
import { type Producer, startProducer } from './producer.js';
import type { HistoryPlan } from './publish/history-plan.js';
import { logAppends } from './publish/publish-log.js';

export interface RunProducerOptions {
  readonly config: ProducerConfig;
  readonly logger: Logger;
  readonly backend: Pick<Backend, 'layer' | 'history' | 'lease' | 'state' | 'untilReached'>;
  /** The plan of the backend's history. */
  readonly historyPlan: HistoryPlan;
}

/**
 * Runs a producer on a backend, with health server, metrics and reports to operators. Health is served from the
 * beginning; the producer starts once the backend was reached. The scope owns them.
 */
export const runProducer = async (options: RunProducerOptions, scope: Scope): Promise<void> => {
  const { config, logger, backend, historyPlan } = options;
  const { healthPort, host, publishLog, producerName } = config;
  let running: Producer | undefined;
  const metrics = createProducerMetrics(() => running, producerName);
  if (healthPort !== undefined) {
    let waitsFor = 'the producer starts';
    const unwatch = backend.layer.onEvent((event) => {
      if (event.type === 'lost') waitsFor = `channel layer lost: ${event.reason}`;
    });
    scope.own({ close: unwatch });
    const health = createHealthServer(() => running ?? waitsFor, metrics);
    scope.own({ close: () => closeServer(health) });
    const port = await listen(health, { port: healthPort, host, variable: 'HEALTH_PORT' });
    logger.info({ port }, `health on http://localhost:${port}/readyz`);
  }
  await backend.untilReached();
  const producer = await startProducer({
    config,
    logger,
    history: publishLog === undefined ? backend.history : logAppends(backend.history, publishLog, logger),
    historyPlan,
    layer: backend.layer,
    lease: backend.lease(config.leaseMs, producerName),
    state: backend.state,
    metrics,
  });
  running = producer;
  const owner = `${hostname()}:${process.pid}`;
  // It closes after the producer, so that its last report says that this one no longer leads.
  scope.own(reportToOperators({ producer, layer: backend.layer, owner, token: config.adminToken }));
  scope.own(producer);
};
