import { createAlerts } from './alerts.js';
import { createBeside } from './beside.js';
import { createLiveClient } from './data/live-client.js';
import { createReadOlderBars } from './data/older-bars.js';
import { selectRoute } from './data/selection.js';
import { createSilence, silenceTickMs } from './data/silence.js';
import { askForSymbols, type SymbolsAnswer } from './data/symbols.js';
import { createWatchFeed } from './data/watch-feed.js';
import { createMarket } from './market.js';
import { createClockText } from './model/clock-text.js';
import { createNumberText } from './model/number-text.js';
import { createPreferenceStore, maxFavourites, storageKey } from './model/preferences.js';
import type { Problem } from './model/problem.js';
import { isSameMarket, type MarketName, type Route, routeHash, withCharts, withFirst } from './model/route.js';
import { type PriceState, priceState, type StateReasons } from './model/symbol-state.js';
import type { WatchEntry } from './model/watch-entry.js';
import { sortRows } from './model/watch-order.js';
import { createAnnouncer } from './view/announcer.js';
import { createConnectionCard } from './view/connection-card.js';
import { byId, setText } from './view/dom.js';
import { createFrame, nextTask, requestPaint } from './view/frame.js';
import { createLinkView } from './view/link-view.js';
import { showOrigin } from './view/page-title.js';
import { createTabs } from './view/tabs-view.js';
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

/**
 * The page: one connection, what is known, and the views that paint it. The start is several tasks, so that none keeps
 * the browser from painting and answering for long; nothing is received before the last of them connects.
 */
export const startApp = async (surroundings: Surroundings): Promise<void> => {
  const { url, host, token, locales, storage, now, isOnline } = surroundings;
  const preferences = createPreferenceStore(storage);
  const text = createNumberText(locales);
  const clock = createClockText(locales);
  const announcer = createAnnouncer(byId('announcer'));
  const client = createLiveClient({ url, token, fallbackName: host, now, isOnline });
  const readOlder = createReadOlderBars(fetch, token);
  const frame = createFrame(requestPaint, () => performance.now());
  const silence = createSilence(() => markAll());
  const feed = createWatchFeed({
    client,
    now,
    onChange: () => markPrices(),
    onPrice: (key, price) => alerts.price(key, price),
  });
  let symbols: SymbolsAnswer | undefined;
  let problem: Problem | undefined;
  let shown: Route | undefined;

  const linkNow = (): Omit<StateReasons, 'health'> => ({
    isConnected: client.state.name === 'live',
    isSilent: silence.isSilent,
    isGatewayStale: client.isGatewayStale,
  });
  const stateOf = ({ health, heardAt, gapMs }: WatchEntry): PriceState =>
    priceState({ ...linkNow(), health, heardAt, gapMs, now: now() });
  const go = (route: Route): void => {
    if (location.hash !== routeHash(route)) location.hash = routeHash(route);
  };

  const openMarket = (market: MarketName): void => {
    const { venue, symbol } = market;
    go(
      shown === undefined
        ? { venue, symbol, interval: preferences.value.interval }
        : withFirst(shown, { venue, symbol }),
    );
  };

  const theme = createThemeControl(byId('theme'), preferences.value.theme, (chosen) => {
    preferences.set({ theme: chosen });
  });
  const linkView = createLinkView();
  const connectionCard = createConnectionCard(client, text);
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
    onSelect: openMarket,
    onFavourite: (entry) => {
      entry.setFavourite(!entry.isFavourite);
      const others = preferences.value.favourites.filter((key) => key !== entry.key);
      preferences.set({ favourites: entry.isFavourite ? [entry.key, ...others].slice(0, maxFavourites) : others });
    },
    onSeen: feed.wantPast,
  });

  const markLink = frame.add(() => linkView.paint(client.state, isOnline(), linkNow()));
  const markWatch = frame.add(watchlist.paint);
  await nextTask();
  text.prepare();
  await nextTask();
  const market = createMarket({
    client,
    readOlder,
    frame,
    preferences,
    text,
    clock,
    announcer,
    now,
    stateOf,
    find: feed.find,
    moment: () => {
      const { state } = client;
      return { state, symbols, problem, isOnline: isOnline(), link: linkNow(), unseenAlerts: alerts.unseen };
    },
    onPrice: (key, price) => alerts.price(key, price),
    onInterval: (interval) => {
      preferences.set({ interval });
      if (shown !== undefined) go({ ...shown, interval });
    },
    onHorizon: (seconds) => beside.setHorizon(seconds),
    onRetry: () => client.connect(),
  });
  const beside = createBeside({
    client,
    readOlder,
    frame,
    text,
    clock,
    stateOf,
    find: feed.find,
    onOpen: openMarket,
    onPrice: (key, price) => alerts.price(key, price),
    onClose: (closed) => {
      const others = shown?.beside?.filter((each) => !isSameMarket(each, closed)) ?? [];
      if (shown !== undefined) go({ ...shown, beside: others });
    },
    onCharts: (charts) => {
      if (shown !== undefined) go(withCharts(shown, charts, sortRows(feed.entries, 'volume', 'descending')));
    },
  });
  const alerts = createAlerts({
    client,
    storage,
    preferences,
    text,
    clock,
    locales,
    now,
    chosen: () => market.chosen(),
    mark: () => markAlerts(),
  });
  const markConnection = frame.add(() => connectionCard.paint(now(), theme.palette));
  const markAlerts = frame.add(alerts.paint);
  const markPrices = (): void => {
    markWatch();
    market.markQuote();
    beside.mark();
  };
  const markAll = (): void => {
    for (const mark of [markLink, markWatch, market.markAll, beside.mark, markConnection, markAlerts]) mark();
  };

  const showFavourites = (): void => {
    for (const entry of feed.entries) entry.setFavourite(preferences.value.favourites.includes(entry.key));
    markWatch();
  };
  // Another tab of this page changed them.
  addEventListener('storage', ({ key, newValue }) => {
    if (key !== storageKey) return;
    preferences.hear(newValue);
    showFavourites();
  });

  const decide = (): void => {
    const known = symbols?.kind === 'symbols' ? symbols.symbols : undefined;
    const selection = selectRoute(location.hash, preferences.value, known);
    problem = selection.kind === 'problem' ? selection.problem : undefined;
    if (problem !== undefined) announcer.say(`${problem.title}. ${problem.text}`);
    if (selection.kind === 'route') {
      shown = selection.route;
      const { venue, symbol, interval } = shown;
      const hash = routeHash(selection.route);
      // Not a step of its own for the Back button.
      if (location.hash !== hash) history.replaceState(null, '', hash);
      market.show(shown);
      beside.show(shown, market.horizonSeconds);
      preferences.set({ venue, symbol, interval });
      watchlist.select(`${venue}.${symbol}`);
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
        showFavourites();
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
    market.setPalette(theme.palette);
    beside.setPalette(theme.palette);
    markAll();
  });
  createTabs(markAll);
  setText(byId('time-zone'), `Times in ${clock.zone}, days of candles in UTC`);
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
    if (ticks % lookEvery === 0) {
      alerts.look(feed.find, stateOf);
      for (const mark of [markWatch, market.markAges, beside.mark, markConnection]) mark();
    }
    if (ticks % roundTripEvery === 0 && client.state.name === 'live') void client.measureRoundTrip();
  }, silenceTickMs);

  market.setPalette(theme.palette);
  beside.setPalette(theme.palette);
  decide();
  client.connect();
};
