export { createAccess } from './access/access.js';
export { createToken } from './access/create-token.js';
export { type GatewayConfig, gatewayConfig } from './config.js';
export { type Gateway, type GatewayOptions, startGateway } from './gateway.js';
export { readTlsIdentity } from './http/tls-identity.js';
export type { Client, Consumer, ConsumerType, GatewayContext, Route } from './protocols/consumer.js';
export { workerCount } from './workers/worker-count.js';
