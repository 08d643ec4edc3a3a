import type { GroupLayer, History } from '@tickwire/channel-layer';

/** The parts of a channel layer with history that the hub uses. */
export interface PublicationSource {
  readonly layer: Pick<GroupLayer, 'groupListen' | 'onEvent'>;
  readonly history: Pick<History, 'read' | 'newest'>;
}
