export { type ProducerConfig, producerConfig } from './config.js';
export { listInstruments } from './feed/open-feed.js';
export { createProducerMetrics } from './operations/metrics.js';
export { reportToOperators } from './operations/operator-status.js';
export { type Producer, startProducer } from './producer.js';
export { createHistoryPlan } from './publish/history-plan.js';
export { runProducer } from './run-producer.js';
