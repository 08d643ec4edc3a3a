import { MarketError, printable } from '../errors.js';

/** The used part of a ccxt exchange. Numbers are what `number` makes of their text. */
export interface CcxtExchange {
  number: (text: string) => unknown;
  readonly has: Readonly<Record<string, unknown>>;
  readonly markets: Readonly<Record<string, CcxtMarket>> | undefined;
  /** @param reload requests the list again */
  loadMarkets(reload?: boolean): Promise<unknown>;
  fetchTickers?(): Promise<Readonly<Record<string, CcxtTicker>>>;
  watchTrades(symbol: string): Promise<readonly CcxtTrade[]>;
  watchTicker(symbol: string): Promise<CcxtTicker>;
  fetchTrades(symbol: string, since: number, limit?: number): Promise<readonly CcxtTrade[]>;
  /** Closes all connections; pending watches reject. */
  close(): Promise<unknown>;
}

export interface CcxtMarket {
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  readonly spot?: boolean;
  readonly active?: boolean;
}

/** No field is guaranteed. */
export type CcxtTrade = Readonly<Record<string, unknown>>;
export type CcxtTicker = Readonly<Record<string, unknown>>;

/** The result of `import('ccxt')`. */
export interface CcxtModule {
  readonly pro: Readonly<Record<string, new (config: object) => CcxtExchange>>;
}

/** Loads ccxt, an optional peer dependency of 60 MB. @throws MarketError `missing-package` */
export const loadCcxt = async (name: string = 'ccxt'): Promise<CcxtModule> => {
  try {
    // Not a literal, so that neither the compiler nor a bundler resolves it.
    return (await import(name)) as CcxtModule;
  } catch (cause) {
    throw new MarketError('missing-package', 'this feed needs the package ccxt: npm install ccxt', { cause });
  }
};

/**
 * Numbers are kept as their text: ccxt would make doubles of them.
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

/** ccxt's messages hold whole answers: pages of HTML too. */
const maxReason = 200;

/** The error of ccxt as one short line. */
export const ccxtReason = (error: unknown): string => {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return printable(text.slice(0, 4 * maxReason).replace(/\s+/g, ' ')).slice(0, maxReason);
};

const limits: ReadonlySet<string> = new Set(['RateLimitExceeded', 'DDoSProtection']);

/** How long an exchange wants to be left alone that limits or bans our requests; ccxt does not pass on for how long. */
export const ccxtLimitMs = (error: unknown): number => (error instanceof Error && limits.has(error.name) ? 60_000 : 0);
