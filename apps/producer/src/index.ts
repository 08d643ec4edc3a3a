export { type ProducerConfig, producerConfig } from './config.js';
export { createProducerMetrics, type ProducerMetrics } from './operations/metrics.js';
export { type OperatorStatusOptions, tellOperators } from './operations/operator-status.js';
export { type Producer, type ProducerOptions, startProducer } from './producer.js';
export { createHistoryPlan, type HistoryPlan, type HistoryPlanOptions } from './publish/history-plan.js';
