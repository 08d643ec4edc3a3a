import { type BarInterval, barKind, channelName, type Forecast, type Trade } from '@tickwire/protocol';
import { type CandleSeries, createCandleSeries } from '../model/candle-series.js';
import { createFanHistory, type FanHistory } from '../model/fan-history.js';
import { usedDecimalsOf } from '../model/number-text.js';
import type { Problem } from '../model/problem.js';
import type { Route } from '../model/route.js';
import { createTradeTape, type TradeTape } from '../model/trade-tape.js';
import { type CandleFeed, followCandles } from './candle-feed.js';
import { followForecasts } from './forecast-feed.js';
import type { LiveClient } from './live-client.js';
import type { ReadOlderBars } from './older-bars.js';
import { followOwnCandles } from './own-prices.js';
import type { OwnChannels } from './symbols.js';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
export const intervalMs: Readonly<Record<BarInterval, number>> = {
  '1s': 1_000,
  '1m': minuteMs,
  '5m': 5 * minuteMs,
  '15m': 15 * minuteMs,
  '1h': hourMs,
  '4h': 4 * hourMs,
  '1d': 24 * hourMs,
};
/** Horizons that can be seen on candles of that length, in seconds. */
export const horizonsOf: Readonly<Record<BarInterval, readonly number[]>> = {
  '1s': [10, 60, 300],
  '1m': [300, 900],
  '5m': [300, 900],
  '15m': [900],
  // Shorter than one of their candles, but shown.
  '1h': [900],
  '4h': [900],
  '1d': [900],
};
/** How far back past forecasts are drawn, in candles. */
const fanCandles: Readonly<Record<BarInterval, number>> = {
  '1s': 600,
  '1m': 240,
  '5m': 288,
  '15m': 96,
  '1h': 240,
  '4h': 180,
  '1d': 60,
};
/** Kept while the page stays open: an hour of seconds, two days of minutes and more. */
const maxCandles = 3_600;
const tapeTrades = 60;

/** All data of the open symbol, at full rate. */
export interface Instrument {
  readonly route: Route;
  readonly own: OwnChannels | undefined;
  readonly series: CandleSeries;
  readonly fans: FanHistory;
  readonly tape: TradeTape;
  readonly forecast: Forecast | undefined;
  readonly lastTrade: Trade | undefined;
  /** Most digits behind the point of any trade so far, zeros at the end aside. */
  readonly decimals: number;
  readonly problem: Problem | undefined;
  /** The server has answered for its candles. */
  readonly isAnswered: boolean;
  /** No trades of it are published. */
  readonly isWithoutTrades: boolean;
  wantPast(horizonSeconds: number): void;
  /** Older candles were requested and could not be read. */
  readonly isPastUnread: boolean;
  /** The viewer is close to the oldest candle. */
  wantOlder(): void;
  retryOlder(): void;
  close(): void;
}

/** The part that changed. */
export type InstrumentPart = 'candles' | 'forecast' | 'fans' | 'trades' | 'problem' | 'answer';

export interface InstrumentOptions {
  readonly client: LiveClient;
  readonly readOlder: ReadOlderBars;
  readonly route: Route;
  /** Set for a symbol whose prices come from channels of your own: it has neither bars nor forecasts. */
  readonly own?: OwnChannels | undefined;
  readonly unknownSymbol: (route: Route) => Problem;
  readonly onChange: (part: InstrumentPart) => void;
  /** A trade of now, not one that was read back. */
  readonly onTrade?: (trade: Trade) => void;
}

export const openInstrument = (options: InstrumentOptions): Instrument => {
  const { client, readOlder, route, own, unknownSymbol, onChange, onTrade } = options;
  const { venue, symbol, interval } = route;
  const series = createCandleSeries({ intervalMs: intervalMs[interval], maxCandles });
  const fans = createFanHistory({ horizons: [...new Set(Object.values(horizonsOf).flat())] });
  const tape = createTradeTape();
  let forecast: Forecast | undefined;
  let lastTrade: Trade | undefined;
  let decimals = 0;
  let problem: Problem | undefined;
  let isAnswered = false;

  const onStart = (): void => {
    isAnswered = true;
    onChange('answer');
  };
  const followBars = (): CandleFeed =>
    followCandles({
      client,
      readOlder,
      series,
      maxCandles,
      channel: channelName(barKind(interval), venue, symbol),
      onStart,
      onChange: () => onChange('candles'),
      onRefused: (refusal, code) => {
        problem = code === unknownChannel ? unknownSymbol(route) : refusal;
        onChange('problem');
      },
    });
  const followTrades = (channel: string): (() => void) =>
    client.follow<Trade>(
      channel,
      // The tape holds no more than this, so nothing older is missed either.
      { isTimed: true, last: tapeTrades, onStart: (start) => start === 'lost' && tape.clear() },
      ({ message, arrival }) => {
        if (arrival === 'live') onTrade?.(message);
        tape.add(message);
        lastTrade = message;
        decimals = Math.max(decimals, usedDecimalsOf(message.price));
        onChange('trades');
      },
    );
  const followFolded = (own: OwnChannels): CandleFeed => ({
    isPastUnread: false,
    wantOlder() {},
    retryOlder() {},
    end: followOwnCandles({
      client,
      own,
      venue,
      symbol,
      series,
      interval,
      onStart,
      intervalMs: intervalMs[interval],
      onChange: () => onChange('candles'),
    }),
  });
  const trades = own === undefined ? channelName('trade', venue, symbol) : own.trade;
  const [candles, endTrades] = client.together(
    () =>
      [
        own === undefined ? followBars() : followFolded(own),
        trades === undefined ? undefined : followTrades(trades),
      ] as const,
  );
  const forecasts =
    own === undefined
      ? followForecasts({
          client,
          channel: channelName('forecast', venue, symbol),
          history: fans,
          onForecast: (message) => {
            forecast = message;
            onChange('forecast');
          },
          onPast: () => onChange('fans'),
        })
      : undefined;

  return {
    route,
    own,
    series,
    fans,
    tape,
    isWithoutTrades: trades === undefined,
    get forecast() {
      return forecast;
    },
    get lastTrade() {
      return lastTrade;
    },
    get decimals() {
      return decimals;
    },
    get problem() {
      return problem;
    },
    get isAnswered() {
      return isAnswered;
    },
    wantPast: (horizonSeconds) =>
      forecasts?.wantPast(horizonSeconds, (fanCandles[interval] * intervalMs[interval]) / 1_000),
    get isPastUnread() {
      return candles.isPastUnread;
    },
    wantOlder: candles.wantOlder,
    retryOlder: candles.retryOlder,
    close() {
      forecasts?.close();
      candles.end();
      endTrades?.();
    },
  };
};

const unknownChannel = 102;

/** How many seconds of prices are known, as far as candles of one second say. */
export const seenSeconds = (instrument: Instrument | undefined): number => {
  const { candles } = instrument?.series ?? { candles: [] };
  const [first, last] = [candles[0], candles.at(-1)];
  return first === undefined || last === undefined ? 0 : (last.start - first.start) / 1_000;
};
