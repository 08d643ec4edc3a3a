import type { GroupLayer, History } from '@tickwire/channel-layer';

/** What the hub needs from a channel layer with history. */
export interface PublicationSource {
  readonly layer: Pick<GroupLayer, 'groupListen' | 'onEvent'>;
  readonly history: Pick<History, 'read' | 'newest'>;
}
