import type { GroupLayer, GroupPublisher, History } from '@tickwire/channel-layer';
import { createHub, type Hub } from '@tickwire/hub';
import type { Logger, Scope } from '@tickwire/runtime';
import { openCatalog, type ProducedCatalog } from './catalog.js';
import { type OpenOwnChannels, openOwnChannels } from './channels/open-own-channels.js';
import type { GatewayConfig } from './config.js';
import type { GatewayMetrics } from './metrics/gateway-metrics.js';
import { createHubMetrics } from './metrics/hub-metrics.js';
import { openLossLog } from './metrics/loss-log.js';
import { type ClientLives, createClientLives, createSessionIds, type SessionIds } from './protocols/client-lives.js';
import { type LayerLoss, watchLayerLoss } from './readiness/layer-loss.js';

export interface OpenHubOptions {
  readonly config: GatewayConfig;
  readonly logger: Logger;
  readonly layer: GroupLayer;
  readonly history: History & GroupPublisher;
  readonly metrics: GatewayMetrics;
}

/** The hub of a gateway, and what its channels are. */
export interface OpenHub {
  readonly hub: Hub;
  readonly layerLoss: LayerLoss;
  readonly sessionIds: SessionIds;
  readonly lives: ClientLives;
  /** The symbols of the producers, without those of your own channels. */
  readonly produced: ProducedCatalog;
  readonly own: OpenOwnChannels;
}

/** @throws what the layer throws when it cannot subscribe. */
export const openHub = async (
  { config, logger, layer, history, metrics }: OpenHubOptions,
  scope: Scope,
): Promise<OpenHub> => {
  const layerLoss: LayerLoss = scope.own(watchLayerLoss(layer, () => hub.channels.values()));
  const hubMetrics = scope.own(createHubMetrics({ metrics, layer, layerLoss }));
  const sessionIds = createSessionIds();
  const lives = scope.own(createClientLives({ logger, ids: sessionIds }));
  const hub = lives.watch(
    scope.own(createHub({ source: { layer, history }, observer: hubMetrics.observer, ...config })),
  );
  hubMetrics.watch(hub);
  scope.own(openLossLog({ logger, counters: hub.counters }));
  const produced = scope.own(await openCatalog(hub, logger));
  const own = scope.own(
    await openOwnChannels({ rules: config.ownChannels, produced, hub, publisher: history, logger }),
  );
  metrics.gauge('own_symbols_unlisted', 'Symbols of own channels beyond the most that are listed', own.unlisted, 'max');
  return { hub, layerLoss, sessionIds, lives, produced, own };
};
