export { type ProducerConfig, producerConfig } from './config.js';
export { type Producer, type ProducerOptions, startProducer } from './producer.js';
