import { type BarInterval, channelName } from '@tickwire/protocol';
import { horizonsOf, type Instrument, openInstrument, seenSeconds } from './data/instrument.js';
import type { ConnectionState, LiveClient } from './data/live-client.js';
import type { ReadOlderBars } from './data/older-bars.js';
import type { SymbolsAnswer } from './data/symbols.js';
import type { ClockText } from './model/clock-text.js';
import type { NumberText } from './model/number-text.js';
import { withoutTrades } from './model/page-words.js';
import type { PreferenceStore } from './model/preferences.js';
import { type Problem, unknownSymbol } from './model/problem.js';
import { marketHash, type Route } from './model/route.js';
import { createStateNews, type PriceState, type StateReasons, stateText } from './model/symbol-state.js';
import type { WatchEntry } from './model/watch-entry.js';
import type { ChosenMarket } from './view/alerts-panel.js';
import type { Announcer } from './view/announcer.js';
import { coverOf } from './view/cover-of.js';
import { createDayCard } from './view/day-card.js';
import { createForecastCard } from './view/forecast-card.js';
import type { Frame } from './view/frame.js';
import { createInstrumentView } from './view/instrument-view.js';
import { createPageTitle } from './view/page-title.js';
import { createQuoteView } from './view/quote-view.js';
import { createTapeView } from './view/tape-view.js';
import type { Palette } from './view/theme.js';

/** Forecasts come once a second. */
const forecastSilenceMs = 5_000;

/** The state of the page apart from the market. */
export interface PageMoment {
  readonly state: ConnectionState;
  readonly symbols: SymbolsAnswer | undefined;
  /** What is wrong with the address. */
  readonly problem: Problem | undefined;
  readonly isOnline: boolean;
  readonly link: Omit<StateReasons, 'health'>;
  readonly unseenAlerts: number;
}

export interface MarketOptions {
  readonly client: LiveClient;
  readonly readOlder: ReadOlderBars;
  readonly frame: Frame;
  readonly preferences: PreferenceStore;
  readonly text: NumberText;
  readonly clock: ClockText;
  readonly announcer: Announcer;
  readonly now: () => number;
  readonly moment: () => PageMoment;
  readonly find: (venue: string, symbol: string) => WatchEntry | undefined;
  readonly stateOf: (entry: WatchEntry) => PriceState;
  /** A present price of the open market. */
  readonly onPrice: (key: string, price: string) => void;
  readonly onInterval: (interval: BarInterval) => void;
  readonly onHorizon: (seconds: number) => void;
  readonly onRetry: () => void;
}

/** The open market: its price, chart, forecast and trades. */
export interface Market {
  readonly horizonSeconds: number;
  chosen(): ChosenMarket | undefined;
  show(route: Route): void;
  setPalette(palette: Palette): void;
  markQuote(): void;
  /** What only time changes. */
  markAges(): void;
  markAll(): void;
}

export const createMarket = (options: MarketOptions): Market => {
  const { client, readOlder, frame, preferences, text, clock, announcer, now, moment, find, stateOf } = options;
  const news = createStateNews();
  let instrument: Instrument | undefined;
  let chosenSince = now();
  let forecastAt = now();

  const entry = (): WatchEntry | undefined => instrument && find(instrument.route.venue, instrument.route.symbol);
  const decimals = (): number => Math.max(entry()?.decimals ?? 0, instrument?.decimals ?? 0);
  const horizon = (): number => {
    const { interval } = instrument?.route ?? preferences.value;
    const saved = preferences.value.horizon[interval];
    return horizonsOf[interval].find((seconds) => seconds === saved) ?? (horizonsOf[interval][0] as number);
  };

  const quote = createQuoteView();
  const day = createDayCard();
  const title = createPageTitle(text);
  const forecastCard = createForecastCard();
  const tapeView = createTapeView({
    text,
    clock,
    onPause: () => {
      const tape = instrument?.tape;
      if (tape?.isPaused) tape.resume();
      else tape?.pause();
      markTape();
    },
  });
  const instrumentView = createInstrumentView({
    text,
    clock,
    announcer,
    mark: () => markChart(),
    onInterval: options.onInterval,
    onHorizon: (seconds) => {
      const { interval } = instrument?.route ?? preferences.value;
      preferences.set({ horizon: { ...preferences.value.horizon, [interval]: seconds } });
      instrumentView.setHorizon(seconds);
      options.onHorizon(seconds);
      markForecast();
    },
  });

  const paintQuote = (): void => {
    if (instrument === undefined) return;
    const { link, state: connection, unseenAlerts } = moment();
    const shown = entry();
    const state = shown === undefined ? 'waiting' : stateOf(shown);
    if (instrumentView.setDecimals(decimals())) markForecast();
    const price = instrument.lastTrade?.price;
    quote.paint({ ...instrument.route, entry: shown, price, state, link, now: now(), decimals: decimals(), text });
    day.paint({ entry: shown, symbol: instrument.route.symbol, state, decimals: decimals(), text });
    const last = price ?? shown?.ticker?.last;
    title.paint(last, decimals(), instrument.route.symbol, state === 'live', unseenAlerts);
    if (news.isNews(state, connection.name === 'live')) {
      announcer.say(`${instrument.route.symbol}: ${stateText(state, { ...link, health: shown?.health })}`, 'price');
    }
  };
  const isForecastStale = (): boolean => {
    if (instrument === undefined) return false;
    const { venue, symbol } = instrument.route;
    return now() - forecastAt > forecastSilenceMs || client.isStale(channelName('forecast', venue, symbol));
  };
  const paintForecast = (): void =>
    forecastCard.paint({
      forecast: instrument?.forecast,
      horizonSeconds: horizon(),
      decimals: decimals(),
      seenSeconds: seenSeconds(instrument),
      isForecast: instrument?.own === undefined,
      isAnswered: instrument?.isAnswered ?? false,
      isStale: isForecastStale(),
      text,
      clock,
    });
  const paintChart = (): void => {
    const { problem, ...page } = moment();
    instrumentView.paint(
      coverOf({
        ...page,
        problem: problem ?? instrument?.problem,
        symbol: instrument?.route.symbol,
        candles: instrument?.series.candles.length ?? 0,
        isAnswered: instrument?.isAnswered ?? false,
        isSourceAway: page.link.isGatewayStale,
        waitedMs: now() - chosenSince,
        onRetry: options.onRetry,
      }),
    );
  };

  const markQuote = frame.add(paintQuote);
  const markChart = frame.add(paintChart);
  const markForecast = frame.add(paintForecast);
  const markTape = frame.add(
    () => instrument && tapeView.paint(instrument.tape, decimals(), withoutTrades(instrument)),
  );

  return {
    get horizonSeconds() {
      return horizon();
    },
    chosen() {
      if (instrument === undefined) return undefined;
      const { venue, symbol } = instrument.route;
      const price = instrument.lastTrade?.price ?? entry()?.ticker?.last;
      return { venue, symbol, price, horizonSeconds: horizon() };
    },
    show(route) {
      const own = find(route.venue, route.symbol)?.own;
      const isShown = instrument !== undefined && marketHash(instrument.route) === marketHash(route);
      if (isShown && instrument?.own === own) return;
      instrument?.close();
      chosenSince = now();
      news.reset();
      instrument = openInstrument({
        client,
        readOlder,
        route,
        own,
        unknownSymbol: ({ symbol, venue }) => unknownSymbol(symbol, venue),
        onTrade: ({ venue, symbol, price }) => options.onPrice(`${venue}.${symbol}`, price),
        onChange: (part) => {
          instrumentView.changed(part);
          if (part === 'trades' || part === 'answer') markTape();
          if (part === 'trades') markQuote();
          if (part === 'forecast') forecastAt = now();
          if (part === 'forecast' || part === 'answer') markForecast();
        },
      });
      instrumentView.show(instrument, horizon());
    },
    setPalette: instrumentView.setPalette,
    markQuote,
    markAges() {
      markQuote();
      markChart();
      markForecast();
    },
    markAll() {
      for (const mark of [markQuote, markChart, markForecast, markTape]) mark();
    },
  };
};
