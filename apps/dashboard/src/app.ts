import { horizonsOf, type Instrument, openInstrument, seenSeconds } from './data/instrument.js';
import { createLiveClient } from './data/live-client.js';
import { selectRoute } from './data/selection.js';
import { createSilence, silenceTickMs } from './data/silence.js';
import { askForSymbols, type SymbolsAnswer } from './data/symbols.js';
import { createWatchFeed } from './data/watch-feed.js';
import { createClockText } from './model/clock-text.js';
import { createNumberText } from './model/number-text.js';
import { createPreferenceStore } from './model/preferences.js';
import { type Problem, unknownSymbol } from './model/problem.js';
import { type Route, routeHash } from './model/route.js';
import { createStateNews } from './model/state-news.js';
import { type PriceState, priceState, type StateReasons, stateText } from './model/symbol-state.js';
import type { WatchEntry } from './model/watch-entry.js';
import { createAnnouncer } from './view/announcer.js';
import { createConnectionCard } from './view/connection-card.js';
import { coverOf } from './view/cover-of.js';
import { byId } from './view/dom.js';
import { createForecastCard } from './view/forecast-card.js';
import { createFrame } from './view/frame.js';
import { createInstrumentView } from './view/instrument-view.js';
import { createLinkView } from './view/link-view.js';
import { createPageTitle, showOrigin } from './view/page-title.js';
import { createQuoteView } from './view/quote-view.js';
import { createTabs } from './view/tabs-view.js';
import { createTapeView } from './view/tape-view.js';
import { createThemeControl } from './view/theme.js';
import { createWatchlistView } from './view/watchlist-view.js';

/** What of the browser the page needs, so that nothing below reaches for it. */
export interface Surroundings {
  readonly url: string;
  readonly host: string;
  readonly token: string | undefined;
  readonly locales: readonly string[];
  readonly storage: Storage | undefined;
  readonly now: () => number;
  readonly isOnline: () => boolean;
}

/** How often what only time changes is looked at: ages, flashes, silence. */
const lookEvery = 2;
const roundTripEvery = 50;

/** The page: one connection, what is known, and the views that paint it. */
export const startApp = ({ url, host, token, locales, storage, now, isOnline }: Surroundings): void => {
  const preferences = createPreferenceStore(storage);
  const text = createNumberText(locales);
  const clock = createClockText(locales);
  const announcer = createAnnouncer(byId('announcer'));
  const client = createLiveClient({ url, token, fallbackName: host, now, isOnline });
  const frame = createFrame(requestAnimationFrame, () => performance.now());
  const silence = createSilence(() => markAll());
  const feed = createWatchFeed({ client, now, onChange: () => markPrices() });
  const news = createStateNews();
  const openedAt = now();
  let symbols: SymbolsAnswer | undefined;
  let instrument: Instrument | undefined;
  let problem: Problem | undefined;
  let chosenSince = openedAt;

  const linkNow = (): Omit<StateReasons, 'health'> => ({
    isConnected: client.state.name === 'live',
    isSilent: silence.isSilent,
    isGatewayStale: client.isGatewayStale,
  });
  const stateOf = ({ health, heardAt, gapMs }: WatchEntry): PriceState =>
    priceState({ ...linkNow(), health, heardAt, gapMs, now: now() });
  const chosenEntry = (): WatchEntry | undefined =>
    instrument && feed.find(instrument.route.venue, instrument.route.symbol);
  const decimals = (): number => Math.max(chosenEntry()?.decimals ?? 0, instrument?.decimals ?? 0);
  const horizon = (): number => {
    const { interval } = instrument?.route ?? preferences.value;
    const saved = preferences.value.horizon[interval];
    return horizonsOf[interval].find((seconds) => seconds === saved) ?? (horizonsOf[interval][0] as number);
  };

  const go = (route: Route): void => {
    if (location.hash !== routeHash(route)) location.hash = routeHash(route);
  };
  const retry = (): void => client.connect();

  const theme = createThemeControl(byId('theme'), preferences.value.theme, (chosen) => {
    preferences.set({ theme: chosen });
  });
  const linkView = createLinkView();
  const quote = createQuoteView();
  const title = createPageTitle(text);
  const forecastCard = createForecastCard();
  const connectionCard = createConnectionCard(client, text);
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
  const watchlist = createWatchlistView({
    entries: feed.entries,
    sort: { key: preferences.value.sort, order: preferences.value.order },
    filter: preferences.value.filter,
    moment: () => ({ now: now(), text, palette: theme.palette, stateOf, link: linkNow() }),
    emptyText: () => {
      if (feed.entries.length > 0) return 'No market matches the filter.';
      if (client.state.name === 'refused') return `${client.state.problem.title}.`;
      if (symbols?.kind === 'none') return 'No symbols yet: nothing feeds this server.';
      return symbols === undefined ? 'Loading markets…' : 'The server does not answer yet.';
    },
    mark: () => markWatch(),
    onSort: (sort, order) => preferences.set({ sort, order }),
    onFilter: (filter) => preferences.set({ filter }),
    onSelect: ({ venue, symbol }) => go({ venue, symbol, interval: preferences.value.interval }),
    onSeen: feed.wantPast,
  });
  const instrumentView = createInstrumentView({
    text,
    clock,
    announcer,
    mark: () => markChart(),
    onInterval: (interval) => {
      preferences.set({ interval });
      if (instrument !== undefined) go({ ...instrument.route, interval });
    },
    onHorizon: (seconds) => {
      const { interval } = instrument?.route ?? preferences.value;
      preferences.set({ horizon: { ...preferences.value.horizon, [interval]: seconds } });
      instrumentView.setHorizon(seconds);
      markForecast();
    },
  });

  const paintQuote = (): void => {
    if (instrument === undefined) return;
    const entry = chosenEntry();
    const state = entry === undefined ? 'waiting' : stateOf(entry);
    instrumentView.setDecimals(decimals());
    const link = linkNow();
    const price = instrument.lastTrade?.price;
    quote.paint({ ...instrument.route, entry, price, state, link, now: now(), decimals: decimals(), text });
    title.paint(price ?? entry?.ticker?.last, decimals(), instrument.route.symbol, state === 'live');
    if (news.isNews(state, client.state.name === 'live')) {
      announcer.say(`${instrument.route.symbol}: ${stateText(state, { ...link, health: entry?.health })}`);
    }
  };
  const paintForecast = (): void =>
    forecastCard.paint({
      forecast: instrument?.forecast,
      horizonSeconds: horizon(),
      decimals: decimals(),
      seenSeconds: seenSeconds(instrument),
      text,
    });
  const paintChart = (): void =>
    instrumentView.paint(
      coverOf({
        state: client.state,
        symbols,
        problem: problem ?? instrument?.problem,
        symbol: instrument?.route.symbol,
        candles: instrument?.series.candles.length ?? 0,
        isOnline: isOnline(),
        waitedMs: now() - chosenSince,
        onRetry: retry,
      }),
    );

  const markLink = frame.add(() => {
    linkView.paint(client.state, isOnline(), linkNow());
  });
  const markWatch = frame.add(watchlist.paint);
  const markQuote = frame.add(paintQuote);
  const markChart = frame.add(paintChart);
  const markForecast = frame.add(paintForecast);
  const markTape = frame.add(() => instrument && tapeView.paint(instrument.tape, decimals()));
  const markConnection = frame.add(() => connectionCard.paint(now(), theme.palette));
  const markPrices = (): void => {
    markWatch();
    markQuote();
  };
  const markAll = (): void => {
    for (const mark of [markLink, markWatch, markQuote, markChart, markForecast, markTape, markConnection]) mark();
  };

  const show = (route: Route): void => {
    if (instrument !== undefined && routeHash(instrument.route) === routeHash(route)) return;
    instrument?.close();
    chosenSince = now();
    news.reset();
    instrument = openInstrument({
      client,
      route,
      unknownSymbol: ({ symbol, venue }) => unknownSymbol(symbol, venue),
      onChange: (part) => {
        instrumentView.changed(part);
        if (part === 'trades') markTape();
        if (part === 'trades') markQuote();
        if (part === 'forecast') markForecast();
      },
    });
    preferences.set({ venue: route.venue, symbol: route.symbol, interval: route.interval });
    instrumentView.show(instrument, horizon());
    watchlist.select(`${route.venue}.${route.symbol}`);
  };

  const decide = (): void => {
    const known = symbols?.kind === 'symbols' ? symbols.symbols : undefined;
    const selection = selectRoute(location.hash, preferences.value, known);
    problem = selection.kind === 'problem' ? selection.problem : undefined;
    if (problem !== undefined) announcer.say(`${problem.title}. ${problem.text}`);
    if (selection.kind === 'route') {
      const hash = routeHash(selection.route);
      // Not a step of its own for the Back button.
      if (location.hash !== hash) history.replaceState(null, '', hash);
      show(selection.route);
    }
    markAll();
  };

  const askAgain = askForSymbols({
    fetch,
    token,
    onAnswer: (answer) => {
      symbols = answer;
      if (answer.kind === 'symbols') {
        feed.setSymbols(answer.symbols);
        showOrigin(answer.symbols);
      }
      decide();
    },
  });

  client.onState((state) => {
    if (state.name === 'live') {
      void client.measureRoundTrip();
      if (client.counters.reconnects > 0) announcer.say('Connected again');
      if (client.counters.reconnects > 0 || symbols?.kind === 'refused') askAgain();
    } else if (state.name === 'reconnecting') announcer.say(state.reason);
    else if (state.name === 'refused') announcer.say(`${state.problem.title}. ${state.problem.text}`);
    markAll();
  });
  client.onReceived(silence.heard);
  theme.onChange(() => {
    instrumentView.setPalette(theme.palette);
    markAll();
  });
  createTabs(markAll);
  for (const event of ['online', 'offline']) addEventListener(event, markAll);
  addEventListener('hashchange', decide);
  byId('skip').addEventListener('click', (event) => {
    event.preventDefault();
    byId('chart').focus();
  });

  let ticks = 0;
  setInterval(() => {
    ticks += 1;
    if (client.state.name === 'live') silence.tick(client.rate.perSecond(now()));
    if (ticks % lookEvery === 0) for (const mark of [markWatch, markQuote, markConnection, markChart]) mark();
    if (ticks % roundTripEvery === 0 && client.state.name === 'live') void client.measureRoundTrip();
  }, silenceTickMs);

  instrumentView.setPalette(theme.palette);
  decide();
  client.connect();
};
