export type RowKind = 'trade' | 'quote' | 'bar';

/** What one line says about the price. */
export interface Observation {
  readonly kind: RowKind;
  /** Milliseconds since the Unix epoch: when it was received, or else when it happened. */
  readonly atMs: number;
  readonly price: number;
  readonly bidSize?: number;
  readonly askSize?: number;
  /** Absent where the file is of one symbol and does not name it. */
  readonly symbol?: string;
}

/**
 * What became of a line: `skipped` is well formed and says nothing about the price (a depth update); `bad` names what
 * is wrong with it.
 */
export type Row =
  | { readonly state: 'good'; readonly observation: Observation }
  | { readonly state: 'skipped' }
  | { readonly state: 'bad'; readonly reason: string };

export type RowParser = (text: string) => Row;

export const skipped: Row = { state: 'skipped' };
export const bad = (reason: string): Row => ({ state: 'bad', reason });

/** `undefined` unless it is a finite number above zero. */
export const readPrice = (text: unknown): number | undefined => {
  const price = typeof text === 'string' && text !== '' ? Number(text) : Number.NaN;
  return Number.isFinite(price) && price > 0 ? price : undefined;
};

/** `undefined` unless it is a finite number of at least zero. */
export const readSize = (text: unknown): number | undefined => {
  const size = typeof text === 'string' && text !== '' ? Number(text) : Number.NaN;
  return Number.isFinite(size) && size >= 0 ? size : undefined;
};

export interface QuoteFields {
  readonly atMs: number;
  readonly bid: unknown;
  readonly bidSize: unknown;
  readonly ask: unknown;
  readonly askSize: unknown;
  readonly symbol?: string;
}

/** A quote is good when bid and ask are prices and not crossed; sizes it does not give are left out. */
export const quoteRow = (fields: QuoteFields): Row => {
  const bid = readPrice(fields.bid);
  const ask = readPrice(fields.ask);
  if (bid === undefined || ask === undefined)
    return bad(`bid and ask must be prices, got "${fields.bid}", "${fields.ask}"`);
  if (bid > ask) return bad(`the bid ${bid} is above the ask ${ask}`);
  const bidSize = readSize(fields.bidSize);
  const askSize = readSize(fields.askSize);
  const sizes = bidSize === undefined || askSize === undefined ? {} : { bidSize, askSize };
  const symbol = fields.symbol === undefined ? {} : { symbol: fields.symbol };
  return {
    state: 'good',
    observation: { kind: 'quote', atMs: fields.atMs, price: (bid + ask) / 2, ...sizes, ...symbol },
  };
};

export const priceRow = (kind: 'trade' | 'bar', atMs: number, text: unknown, symbol?: string): Row => {
  const price = readPrice(text);
  if (price === undefined) return bad(`the price must be a number above zero, got "${text}"`);
  return { state: 'good', observation: { kind, atMs, price, ...(symbol === undefined ? {} : { symbol }) } };
};
