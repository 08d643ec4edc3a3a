import type { ChannelLayer, History } from '@tickwire/channel-layer';

/** What the hub needs of a channel layer with history. */
export interface PublicationSource {
  readonly layer: Pick<ChannelLayer, 'groupListen' | 'onEvent'>;
  readonly history: Pick<History, 'read' | 'newest'>;
}
