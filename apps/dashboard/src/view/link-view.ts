import type { ConnectionState } from '../data/live-client.js';
import type { StateReasons } from '../model/symbol-state.js';
import { byId, setData, setText } from './dom.js';

type Link = Pick<StateReasons, 'isSilent' | 'isGatewayStale'>;

/** The connection in a word or two, at the top of the page. */
export interface LinkView {
  paint(state: ConnectionState, isOnline: boolean, link: Link): void;
}

export const createLinkView = (): LinkView => {
  const container = byId('link-state');
  const label = byId('link-text');
  return {
    paint(state, isOnline, link) {
      const [kind, text] = described(state, isOnline, link);
      setData(container, 'state', kind);
      setText(label, text);
    },
  };
};

const described = (state: ConnectionState, isOnline: boolean, link: Link): readonly [kind: string, text: string] => {
  if (!isOnline && state.name !== 'live') return ['offline', 'Offline'];
  switch (state.name) {
    case 'connecting':
      return ['connecting', state.reason];
    case 'reconnecting':
      return ['reconnecting', state.reason];
    case 'refused':
      return ['refused', state.problem.title];
    case 'live':
      if (link.isGatewayStale) return ['stale', 'No source of prices'];
      return link.isSilent ? ['stale', 'Nothing is coming in'] : ['live', 'Live'];
  }
};
