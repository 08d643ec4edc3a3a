export { type GatewayConfig, gatewayConfig } from './config.js';
export { type Gateway, type GatewayOptions, startGateway } from './gateway.js';
