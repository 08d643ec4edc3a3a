import type { CatalogEntry } from '@tickwire/protocol';
import { binanceName } from '../symbols.js';

/** As fine as Binance's eight decimals go: nothing a client rounds by it loses a digit. */
const finest = '0.00000001';
const leastDecimals = 8;

/** The step between two prices, written as Binance does; the finest where nobody knows. */
const tickOf = ({ priceDecimals }: CatalogEntry): string => {
  if (priceDecimals === undefined) return finest;
  const digits = `${'0'.repeat(priceDecimals)}1`;
  const fraction = digits.slice(1).padEnd(leastDecimals, '0');
  return `${digits[0]}.${fraction}`;
};
const largest = '9000000000.00000000';

/** Binance's own limit, as are the ones below. */
export const weightLimit = { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 6_000 };

/** For clients that pace themselves by them. A gateway counts reads under way, not their weight. */
const rateLimits = [
  weightLimit,
  { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 100 },
  { rateLimitType: 'ORDERS', interval: 'DAY', intervalNum: 1, limit: 200_000 },
  { rateLimitType: 'RAW_REQUESTS', interval: 'MINUTE', intervalNum: 5, limit: 61_000 },
];

/** What clients read before they subscribe: which symbols there are. Orders cannot be placed here. */
export const exchangeFields = (serverTime: number): object => ({
  timezone: 'UTC',
  serverTime,
  rateLimits,
  exchangeFilters: [],
});

/** The description of each symbol, made one by one as the caller asks for it. */
export function* symbolInfos(entries: readonly CatalogEntry[], hasPermissionSets = true): Generator<unknown> {
  for (const entry of entries) yield symbolInfo(entry, hasPermissionSets);
}

const symbolInfo = (entry: CatalogEntry, hasPermissionSets: boolean): unknown => {
  const [baseAsset, quoteAsset] = entry.symbol.split('-');
  const tick = tickOf(entry);
  const quotePrecision = Math.max(leastDecimals, entry.priceDecimals ?? 0);
  return {
    symbol: binanceName(entry),
    status: 'TRADING',
    baseAsset,
    baseAssetPrecision: 8,
    quoteAsset,
    quotePrecision,
    quoteAssetPrecision: quotePrecision,
    baseCommissionPrecision: 8,
    quoteCommissionPrecision: 8,
    orderTypes: ['LIMIT', 'MARKET'],
    icebergAllowed: false,
    ocoAllowed: false,
    otoAllowed: false,
    quoteOrderQtyMarketAllowed: false,
    allowTrailingStop: false,
    cancelReplaceAllowed: false,
    isSpotTradingAllowed: true,
    isMarginTradingAllowed: false,
    filters: [
      { filterType: 'PRICE_FILTER', minPrice: tick, maxPrice: largest, tickSize: tick },
      { filterType: 'LOT_SIZE', minQty: finest, maxQty: largest, stepSize: finest },
      {
        filterType: 'NOTIONAL',
        minNotional: finest,
        applyMinToMarket: false,
        maxNotional: largest,
        applyMaxToMarket: false,
        avgPriceMins: 0,
      },
    ],
    permissions: [],
    ...(hasPermissionSets && { permissionSets: [['SPOT']] }),
    defaultSelfTradePreventionMode: 'NONE',
    allowedSelfTradePreventionModes: ['NONE'],
  };
};
