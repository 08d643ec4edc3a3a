export type {
  AdminAct,
  GatewayState,
  OperatorView,
  ProducerState,
  ToldProducer,
} from './admin/operator-view.js';
export { type GatewayConfig, gatewayConfig } from './config.js';
export { type Gateway, type GatewayOptions, startGateway } from './gateway.js';
