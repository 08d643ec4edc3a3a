export { producerConfig } from './config.js';
export { createProducerMetrics } from './operations/metrics.js';
export { tellOperators } from './operations/operator-status.js';
export { type Producer, startProducer } from './producer.js';
export { createHistoryPlan } from './publish/history-plan.js';
