import type { ConnectionState } from '../data/connection-state.js';
import { byId, setData, setText } from './dom.js';

/** The connection in a word or two, at the top of the page. */
export interface LinkView {
  paint(state: ConnectionState, facts: { readonly isOnline: boolean; readonly isSilent: boolean; readonly isGatewayStale: boolean }): void;
}

export const createLinkView = (): LinkView => {
  const container = byId('link-state');
  const label = byId('link-text');
  return {
    paint(state, { isOnline, isSilent, isGatewayStale }) {
      const [kind, text] = described(state, isOnline, isSilent, isGatewayStale);
      setData(container, 'state', kind);
      setText(label, text);
    },
  };
};

const described = (
  state: ConnectionState,
  isOnline: boolean,
  isSilent: boolean,
  isGatewayStale: boolean,
): readonly [kind: string, text: string] => {
  if (!isOnline && state.name !== 'live') return ['offline', 'Offline'];
  switch (state.name) {
    case 'connecting':
      return ['connecting', state.reason];
    case 'reconnecting':
      return ['reconnecting', state.reason];
    case 'refused':
      return ['refused', state.problem.title];
    case 'live':
      if (isGatewayStale) return ['stale', 'Prices may be late'];
      return isSilent ? ['stale', 'Nothing is coming in'] : ['live', 'Live'];
  }
};
