import { hasChannels } from '@tickwire/protocol';
import { MarketError } from '../errors.js';
import { createRandom } from './random.js';

/** Parameters of a simulated market: its grid of prices and sizes, and its volatility. */
export interface SimulatedMarket {
  readonly symbol: string;
  /** Prices are whole multiples of `10^-priceDecimals`, sizes of `10^-sizeDecimals`. */
  readonly priceDecimals: number;
  readonly sizeDecimals: number;
  /** Starting price in ticks. */
  readonly startTicks: number;
  /** Standard deviation of the log return over a year in normal times. */
  readonly yearlyVolatility: number;
  /** Median size of a trade in lots. */
  readonly medianLots: number;
}

interface Asset {
  readonly usd: number;
  readonly yearlyVolatility: number;
}

const asset = (usd: number, yearlyVolatility: number): Asset => ({ usd, yearlyVolatility });

/** Plausible prices, not current ones. */
const assets: Readonly<Record<string, Asset>> = {
  BTC: asset(61_800, 0.45),
  ETH: asset(2_680, 0.6),
  SOL: asset(152, 0.85),
  XRP: asset(0.592, 0.8),
  DOGE: asset(0.1043, 0.95),
  BNB: asset(512, 0.55),
  ADA: asset(0.347, 0.85),
  AVAX: asset(22.6, 0.95),
  LINK: asset(10.4, 0.9),
  DOT: asset(4.68, 0.85),
  LTC: asset(61.4, 0.7),
  TRX: asset(0.127, 0.6),
  SHIB: asset(0.00001392, 1.05),
};

/** Currencies and stable coins in US dollars. */
const money: Readonly<Record<string, number>> = {
  USD: 1,
  USDT: 1,
  USDC: 1,
  FDUSD: 1,
  TUSD: 1,
  DAI: 1,
  EUR: 1.09,
  GBP: 1.27,
  CHF: 1.15,
  AUD: 0.66,
  CAD: 0.73,
  JPY: 0.0068,
  BRL: 0.18,
  TRY: 0.03,
};

/** Decimals of price and size as on large exchanges, for pairs against the dollar and dollar coins. */
const grids: Readonly<Record<string, readonly [price: number, size: number]>> = {
  BTC: [2, 5],
  ETH: [2, 4],
  SOL: [2, 3],
  XRP: [4, 1],
  DOGE: [5, 0],
  BNB: [2, 3],
};

const medianTradeUsd = 120;

/**
 * Any `BASE-QUOTE` has a market. Well-known assets have the prices above; any other has a price between 0.02 and 200
 * dollars and a volatility derived from its name, so it is the same in every run. The price of a pair is the ratio of
 * the two. A pair without its own grid has at least five digits of price, and lots worth a few cents.
 * @throws MarketError `bad-symbol`
 */
export const simulatedMarket = (symbol: string): SimulatedMarket => {
  const [base = '', quote = ''] = symbol.split('-');
  if (!hasChannels(symbol) || base === quote)
    throw new MarketError('bad-symbol', `expected a symbol such as BTC-USD, got ${symbol}`);
  const { usd, yearlyVolatility } = assetOf(base);
  const quoteUsd = assetOf(quote).usd;
  const price = usd / quoteUsd;
  const isDollar = quoteUsd === 1;
  const [priceDecimals, sizeDecimals] = (isDollar ? grids[base] : undefined) ?? [
    clamp(4 - Math.floor(Math.log10(price)), 0, 12),
    clamp(Math.ceil(Math.log10(usd)) + 1, 0, 8),
  ];
  return {
    symbol,
    priceDecimals,
    sizeDecimals,
    startTicks: Math.max(1, Math.round(price * 10 ** priceDecimals)),
    yearlyVolatility,
    medianLots: Math.max(1, Math.round((medianTradeUsd / usd) * 10 ** sizeDecimals)),
  };
};

const assetOf = (name: string): Asset => {
  const known = assets[name];
  if (known) return known;
  const usd = money[name];
  if (usd !== undefined) return asset(usd, 0.1);
  const random = createRandom(`asset ${name}`);
  return asset(0.02 * 10 ** (4 * random.uniform()), 0.6 + 0.6 * random.uniform());
};

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));
