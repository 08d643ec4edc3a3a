import type { Fleet } from '@tickwire/fleet';
import type { Scope } from '@tickwire/runtime';
import type { Access } from './access/access.js';
import { type Binance, type BinanceOptions, openBinance } from './protocols/binance/open-binance.js';
import { binancePath, webSocketApiPath } from './protocols/binance/target.js';
import { centrifugeConsumer } from './protocols/centrifuge/consumer.js';
import type { CentrifugeContext } from './protocols/centrifuge/context.js';
import { openCentrifuge } from './protocols/centrifuge/open-centrifuge.js';
import type { GatewayContext, Route } from './protocols/consumer.js';
import { predictionConsumer } from './protocols/plain-json/prediction.js';
import { createPredictionStreams } from './protocols/plain-json/prediction-streams.js';
import type { Expiries } from './timing/expiries.js';

export interface ProtocolsOptions extends BinanceOptions {
  readonly context: GatewayContext;
  readonly fleet: Fleet;
  /** Undefined if everybody may connect. */
  readonly access: Access | undefined;
  readonly expiries: Expiries;
  /** How long a client of the Centrifuge protocol may take to send its connect. */
  readonly connectDeadlineMs: number;
}

/** The protocols of a gateway, and the paths at which they are served. */
export interface Protocols {
  readonly routes: readonly Route[];
  readonly binance: Binance;
  readonly centrifuge: CentrifugeContext;
}

export const openProtocols = ({ context, ...options }: ProtocolsOptions, scope: Scope): Protocols => {
  const predictions = scope.own(createPredictionStreams(context.hub));
  const binance = scope.own(openBinance(context, options));
  const centrifuge = scope.own(openCentrifuge(context, options));
  return {
    routes: [
      { path: /^\/ws\/prediction\/?$/, consumer: predictionConsumer(context, predictions) },
      { path: '/connection/websocket', consumer: centrifugeConsumer(centrifuge) },
      { path: binancePath, consumer: binance.streams },
      { path: webSocketApiPath, consumer: binance.webSocketApi },
    ],
    binance,
    centrifuge,
  };
};
