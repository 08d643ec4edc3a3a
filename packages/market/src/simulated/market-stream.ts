import { formatScaled } from '../decimal/decimal.js';
import type { Candle } from '../exchange/venue.js';
import type { FeedEvent } from '../feed.js';
import { createDayWindow, type DayWindow } from '../ticker/day-window.js';
import { createArrivals } from './arrivals.js';
import { createBook } from './book.js';
import { pastDay } from './past-day.js';
import { createRandom } from './random.js';
import { simulatedMarket } from './simulated-markets.js';
import { createVolatility } from './volatility.js';

export interface MarketStreamOptions {
  readonly venue: string;
  readonly symbol: string;
  readonly seed: string;
  readonly tradesPerSecond: number;
  readonly startMs: number;
}

/** One simulated market. Its events depend only on the options, not on the length of steps. */
export interface MarketStream {
  /** Appends the events since the last call, up to `toMs`, in order of time, as received at `rts`. */
  advance(toMs: number, rts: number, events: FeedEvent[]): void;
  /** Continues at `ms` as if no time had passed: there are no events in between. */
  skipTo(ms: number): void;
  trades(): number;
  /** The minutes of the day before the start, oldest first: the first statistics are made of them. */
  past(): readonly Candle[];
}

const gridMs = 25;
const gridSeconds = gridMs / 1000;
const statsMs = 1000;
/** Future drift, in standard deviations: its memory, and its share of the price's movement. */
const pressureSeconds = 1;
const pressureDrift = 0.55;
/** Deviation of the lognormal sizes: a median trade is much smaller than a mean one. */
const sizeDeviation = 1.3;
const burstSeconds = 1;

export const createMarketStream = (options: MarketStreamOptions): MarketStream => {
  const { venue, symbol, tradesPerSecond, startMs } = options;
  const market = simulatedMarket(symbol);
  const { priceDecimals, sizeDecimals, medianLots } = market;
  // Each part has its own generator, so that one that draws more often does not shift the others.
  const randomOf = (part: string) => createRandom(`${options.seed} ${symbol} ${part}`);
  const random = randomOf('price');
  const sizes = randomOf('size');
  const volatility = createVolatility(market.yearlyVolatility, randomOf('volatility'));
  const arrivals = createArrivals(tradesPerSecond, startMs, randomOf('arrivals'));
  const meanLots = medianLots * Math.exp(sizeDeviation ** 2 / 2);
  // Deep enough that trades between two quotes seldom take the whole level.
  const book = createBook(meanLots * (6 + 0.2 * tradesPerSecond), randomOf('book'));
  const requoteChance = Math.min(40, Math.max(2, 3 * tradesPerSecond)) * gridSeconds;
  const day: DayWindow = createDayWindow();

  let logPrice = Math.log(market.startTicks);
  let pressure = random.normal();
  let gridAt = startMs;
  let statsAt = startMs;
  let skippedMs = 0;
  let lastPrice = formatScaled(market.startTicks, priceDecimals);
  /** Increases with the time of the start, so that ids keep increasing after a restart. */
  const firstId = idAt(startMs);
  let trades = 0;

  /** Drawn again from the seed, which costs less than storing it. */
  const past = () => pastDay({ market, tradesPerSecond, startMs, random: randomOf('past') });
  for (const minute of past()) day.seed(minute);

  const requote = (): void => {
    const fair = Math.exp(logPrice);
    book.requote(fair, fair * volatility.perSecond(), pressure);
  };

  const quote = (ts: number, rts: number): FeedEvent => {
    const { bid, bidLots, ask, askLots } = book.top;
    const sides = {
      bid: formatScaled(bid, priceDecimals),
      bidSize: formatScaled(bidLots, sizeDecimals),
      ask: formatScaled(ask, priceDecimals),
      askSize: formatScaled(askLots, sizeDecimals),
    };
    return { kind: 'quote', quote: { venue, symbol, ts, rts, ...sides } };
  };

  const stats = (ts: number, rts: number): FeedEvent => {
    day.advance(ts);
    const summary = day.summary();
    return { kind: 'stats', stats: { venue, symbol, ts, rts, last: lastPrice, ...(summary && statsOf(summary)) } };
  };

  /** Advances fair price, pressure and volatility by one grid step. */
  const move = (): void => {
    const jump = volatility.step(gridSeconds);
    const deviation = volatility.perSecond();
    const pull = gridSeconds / pressureSeconds;
    pressure += -pressure * pull + Math.sqrt(2 * pull) * random.normal();
    logPrice += deviation * (pressureDrift * pressure * gridSeconds + Math.sqrt(gridSeconds) * random.normal() + jump);
    arrivals.setActivity(volatility.activity(), gridAt);
    if (jump !== 0) arrivals.excite(burstSeconds, gridAt);
  };

  const gridStep = (rts: number, events: FeedEvent[]): void => {
    const ts = Math.floor(gridAt + skippedMs);
    move();
    if (random.uniform() < requoteChance || gridAt === startMs) {
      requote();
      events.push(quote(ts, rts));
    }
    if (gridAt >= statsAt) {
      statsAt += statsMs;
      events.push(stats(ts, rts));
    }
    gridAt += gridMs;
  };

  const trade = (rts: number, events: FeedEvent[]): void => {
    const ts = Math.floor(arrivals.next() + skippedMs);
    arrivals.accept();
    const side = sizes.uniform() < 0.5 + 0.25 * Math.tanh(pressure) ? 'buy' : 'sell';
    const { bid, bidLots, ask, askLots } = book.top;
    const wanted = Math.max(1, Math.round(medianLots * Math.exp(sizeDeviation * sizes.normal())));
    const lots = Math.min(wanted, side === 'buy' ? askLots : bidLots);
    lastPrice = formatScaled(side === 'buy' ? ask : bid, priceDecimals);
    const size = formatScaled(lots, sizeDecimals);
    const id = String(firstId + trades);
    trades += 1;
    day.add(ts, lastPrice, size);
    const message = { type: 'price.trade', venue, symbol, ts, rts, id, price: lastPrice, size, side } as const;
    events.push({ kind: 'trade', trade: message });
    if (book.take(side, lots)) events.push(quote(ts, rts));
  };

  return {
    advance: (toMs, rts, events) => {
      const until = toMs - skippedMs;
      for (;;) {
        const tradeAt = arrivals.next();
        // At the same moment the book comes first, because a trade needs prices.
        if (gridAt <= tradeAt) {
          if (gridAt > until) return;
          gridStep(rts, events);
        } else {
          if (tradeAt > until) return;
          trade(rts, events);
        }
      }
    },
    skipTo: (ms) => {
      skippedMs = Math.max(skippedMs, ms - Math.min(gridAt, arrivals.next()));
    },
    trades: () => trades,
    past,
  };
};

const statsOf = (summary: NonNullable<ReturnType<DayWindow['summary']>>) => ({
  open24h: summary.open,
  high24h: summary.high,
  low24h: summary.low,
  volume24h: summary.volume,
  quoteVolume24h: summary.quoteVolume,
  ...(summary.vwap === undefined ? undefined : { vwap24h: summary.vwap }),
});

/** Ten ids a millisecond since 2020, which is the highest mean rate. */
const idAt = (ms: number): number => Math.max(1, Math.floor((ms - Date.UTC(2020, 0, 1)) * 10));
