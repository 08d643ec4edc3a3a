import { MarketError } from '../errors.js';

/** The part of a ccxt exchange used here. Numbers come as `number` makes them of their text. */
export interface CcxtExchange {
  number: (text: string) => unknown;
  readonly has: Readonly<Record<string, unknown>>;
  readonly markets: Readonly<Record<string, CcxtMarket>> | undefined;
  /** @param reload asks again, whatever is known */
  loadMarkets(reload?: boolean): Promise<unknown>;
  fetchTickers?(): Promise<Readonly<Record<string, CcxtTicker>>>;
  watchTrades(symbol: string): Promise<readonly CcxtTrade[]>;
  watchTicker(symbol: string): Promise<CcxtTicker>;
  fetchTrades(symbol: string, since: number, limit?: number): Promise<readonly CcxtTrade[]>;
  /** Open connections end, and what is being watched rejects. */
  close(): Promise<unknown>;
}

export interface CcxtMarket {
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  readonly spot?: boolean;
  readonly active?: boolean;
}

/** Nothing is certain to be there. */
export type CcxtTrade = Readonly<Record<string, unknown>>;
export type CcxtTicker = Readonly<Record<string, unknown>>;

/** What `import('ccxt')` gives. */
export interface CcxtModule {
  readonly pro: Readonly<Record<string, new (config: object) => CcxtExchange>>;
}

/** ccxt is an optional peer: 60 MB that only those install who want it. @throws MarketError `missing-package` */
export const loadCcxt = async (name: string = 'ccxt'): Promise<CcxtModule> => {
  try {
    // Not a literal, so that neither the compiler nor a bundler looks for it.
    return (await import(name)) as CcxtModule;
  } catch (cause) {
    throw new MarketError('missing-package', 'this feed needs the package ccxt: npm install ccxt', { cause });
  }
};

/**
 * Numbers are kept as the text they came as: ccxt would make doubles of them.
 * @throws MarketError `unknown-venue`; `bad-option` if it streams no trades
 */
export const createCcxtExchange = (module: CcxtModule, id: string, config: object): CcxtExchange => {
  const Exchange = Object.hasOwn(module.pro, id) ? module.pro[id] : undefined;
  if (!Exchange) throw new MarketError('unknown-venue', `ccxt streams no exchange ${id}`);
  const exchange = new Exchange(config);
  exchange.number = String;
  if (!exchange.has['watchTrades']) throw new MarketError('bad-option', `ccxt streams no trades of ${id}`);
  return exchange;
};
