import { type BarInterval, isBarInterval, isSymbol, isVenue } from '@tickwire/protocol';

export interface MarketName {
  readonly venue: string;
  readonly symbol: string;
}

/** What to show, as the address says: `#/binance/BTC-USDT?interval=1m&beside=binance/ETH-USDT`. */
export interface Route extends MarketName {
  readonly interval: BarInterval;
  /** Markets whose charts stand beside that of the first, at the same interval. */
  readonly beside?: readonly MarketName[];
}

/** An address that names nothing, or something that cannot be a symbol. */
export type RouteResult =
  | { readonly kind: 'route'; readonly route: Route; readonly hasInterval: boolean }
  | { readonly kind: 'empty' }
  | { readonly kind: 'unreadable'; readonly text: string };

/** A screen has room for four charts. */
export const maxBeside = 3;

export const isSameMarket = (a: MarketName, b: MarketName): boolean => a.venue === b.venue && a.symbol === b.symbol;

export const parseRoute = (hash: string): RouteResult => {
  const text = hash.replace(/^#/, '');
  if (text === '' || text === '/') return { kind: 'empty' };
  const [path = '', query = ''] = text.split('?', 2);
  const [lead, ...names] = path.split('/').map(decode);
  const market = marketOf(names);
  if (lead !== '' || market === undefined) return { kind: 'unreadable', text: decode(text) };
  const parameters = new URLSearchParams(query);
  const interval = parameters.get('interval') ?? '';
  const beside = besideOf(parameters.get('beside') ?? '', market);
  return {
    kind: 'route',
    route: {
      ...market,
      interval: isBarInterval(interval) ? interval : '1m',
      ...(beside.length > 0 && { beside }),
    },
    hasInterval: isBarInterval(interval),
  };
};

/** People type addresses in lower case. */
const marketOf = ([venue = '', symbol = '', ...rest]: readonly string[]): MarketName | undefined =>
  rest.length === 0 && isVenue(venue.toLowerCase()) && isSymbol(symbol.toUpperCase())
    ? { venue: venue.toLowerCase(), symbol: symbol.toUpperCase() }
    : undefined;

/** Each market once, without the first; other words are left out. */
const besideOf = (text: string, first: MarketName): readonly MarketName[] => {
  const found: MarketName[] = [];
  for (const name of text.split(',')) {
    const market = marketOf(name.split('/'));
    if (market !== undefined && ![first, ...found].some((known) => isSameMarket(known, market))) found.push(market);
  }
  return found.slice(0, maxBeside);
};

/** The address of the first market alone, without those beside it. */
export const marketHash = ({ venue, symbol, interval }: Route): string => `#/${venue}/${symbol}?interval=${interval}`;

export const routeHash = ({ beside = [], ...route }: Route): string => {
  const names = beside.map(({ venue, symbol }) => `${venue}/${symbol}`).join(',');
  return marketHash(route) + (names === '' ? '' : `&beside=${names}`);
};

/** Puts another market first; if it stood beside, the former first takes its place. */
export const withFirst = (route: Route, market: MarketName): Route => {
  const { venue, symbol, interval, beside = [] } = route;
  const others = beside.map((each) => (isSameMarket(each, market) ? { venue, symbol } : each));
  return { ...market, interval, ...(others.length > 0 && { beside: others }) };
};

/** The route with this number of charts: present markets stay, further ones come from `candidates`. */
export const withCharts = (route: Route, charts: number, candidates: readonly MarketName[]): Route => {
  const { beside = [], ...first } = route;
  const isNew = (market: MarketName): boolean => ![first, ...beside].some((known) => isSameMarket(known, market));
  const markets = [...beside, ...candidates.filter(isNew).map(({ venue, symbol }) => ({ venue, symbol }))];
  const next = markets.slice(0, charts - 1);
  return { ...first, ...(next.length > 0 && { beside: next }) };
};

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};
