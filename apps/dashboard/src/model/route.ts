import { type BarInterval, isBarInterval, isSymbol, isVenue } from '@tickwire/protocol';

/** What the address says is to be seen: `#/binance/BTC-USDT?interval=1m`. */
export interface Route {
  readonly venue: string;
  readonly symbol: string;
  readonly interval: BarInterval;
}

/** An address that names nothing, or something no symbol can be called. */
export type RouteResult =
  | { readonly kind: 'route'; readonly route: Route; readonly hasInterval: boolean }
  | { readonly kind: 'empty' }
  | { readonly kind: 'unreadable'; readonly text: string };

export const parseRoute = (hash: string): RouteResult => {
  const text = hash.replace(/^#/, '');
  if (text === '' || text === '/') return { kind: 'empty' };
  const [path = '', query = ''] = text.split('?', 2);
  const [lead, venue = '', symbol = '', ...rest] = path.split('/').map(decode);
  if (lead !== '' || rest.length > 0 || !isVenue(venue.toLowerCase()) || !isSymbol(symbol.toUpperCase())) {
    return { kind: 'unreadable', text: decode(text) };
  }
  const interval = new URLSearchParams(query).get('interval') ?? '';
  return {
    kind: 'route',
    // People type addresses in lower case.
    route: {
      venue: venue.toLowerCase(),
      symbol: symbol.toUpperCase(),
      interval: isBarInterval(interval) ? interval : '1s',
    },
    hasInterval: isBarInterval(interval),
  };
};

export const routeHash = ({ venue, symbol, interval }: Route): string => `#/${venue}/${symbol}?interval=${interval}`;

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};
