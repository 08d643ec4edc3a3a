/** Lengths of bars that have a channel; days begin at midnight UTC. */
export const barIntervals = ['1s', '1m', '5m', '15m', '1h', '4h', '1d'] as const;
export type BarInterval = (typeof barIntervals)[number];
const barKinds = ['bar-1s', 'bar-1m', 'bar-5m', 'bar-15m', 'bar-1h', 'bar-4h', 'bar-1d'] as const;
export const channelKinds = ['trade', 'ticker', ...barKinds, 'forecast', 'health', 'gap'] as const;
export type ChannelKind = (typeof channelKinds)[number];

/** The parts of a channel name: `trade.binance.BTC-USDT`. */
export interface ChannelAddress {
  readonly kind: ChannelKind;
  readonly venue: string;
  readonly symbol: string;
}

/** The names of Channels groups, in strict ASCII: Django accepts every name accepted here. */
export const groupForm = /^[A-Za-z0-9\-_.]{1,99}$/;
export const venueForm = /^[a-z0-9_-]+$/;
export const symbolForm = /^[A-Z0-9]+-[A-Z0-9]+$/;
/** With the longest kind and a venue of 40 characters, the name of a channel then has 99. */
export const maxSymbolLength = 49;

export const isBarInterval = (text: string): text is BarInterval => (barIntervals as readonly string[]).includes(text);
export const isGroupName = (name: string): boolean => groupForm.test(name);
export const isVenue = (name: string): boolean => venueForm.test(name);
export const isSymbol = (name: string): boolean => symbolForm.test(name);
/** Whether an instrument with this symbol has a channel of every kind. */
export const hasChannels = (symbol: string): boolean => isSymbol(symbol) && symbol.length <= maxSymbolLength;

/** The inverse of `parseChannelName`; checks nothing. */
export const channelName = (kind: ChannelKind, venue: string, symbol: string): string => `${kind}.${venue}.${symbol}`;

/** `undefined` for a name that is not of the form `<kind>.<venue>.<symbol>`. */
export const parseChannelName = (name: string): ChannelAddress | undefined => {
  const [kind, venue, symbol, ...rest] = name.split('.');
  if (kind === undefined || venue === undefined || symbol === undefined || rest.length > 0) return undefined;
  if (!isChannelKind(kind) || !isVenue(venue) || !isSymbol(symbol) || !isGroupName(name)) return undefined;
  return { kind, venue, symbol };
};

export const barKind = (interval: BarInterval): ChannelKind => `bar-${interval}`;

const isChannelKind = (kind: string): kind is ChannelKind => (channelKinds as readonly string[]).includes(kind);

/** Number of letters that are missing, added, changed, or swapped with the next one (optimal string alignment). */
export const changedLetters = (a: string, b: string): number => {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const changed = at(last, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwapped ? at(beforeLast, j - 2) + 1 : changed;
      row.push(Math.min(changed, swapped, at(last, j) + 1, at(row, j - 1) + 1));
    }
    beforeLast = last;
    last = row;
  }
  return at(last, b.length);
};

const at = (row: readonly number[], index: number): number => row[index] ?? 0;
