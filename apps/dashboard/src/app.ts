import { createAlerts } from './alerts.js';
import { createBeside } from './beside.js';
import type { ConnectionState } from './data/live-client.js';
import { createLiveClient } from './data/live-client.js';
import { createReadOlderBars } from './data/older-bars.js';
import { priceChannelsOf } from './data/own-prices.js';
import { createSilence, silenceTickMs } from './data/silence.js';
import { askForSymbols } from './data/symbols.js';
import { createWatchFeed } from './data/watch-feed.js';
import { createMarket } from './market.js';
import { alertsKey } from './model/alert.js';
import { createClockText } from './model/clock-text.js';
import { createNumberText } from './model/number-text.js';
import { createPreferenceStore, preferencesKey } from './model/preferences.js';
import { createSavedText } from './model/saved-text.js';
import { type PriceState, priceState, type StateReasons } from './model/symbol-state.js';
import type { WatchEntry } from './model/watch-entry.js';
import { sortRows } from './model/watch-order.js';
import { createNavigation } from './navigation.js';
import { type Announcer, createAnnouncer } from './view/announcer.js';
import { createConnectionCard } from './view/connection-card.js';
import { byId, setText } from './view/dom.js';
import { createFrame, nextTask, requestPaint } from './view/frame.js';
import { createLinkView } from './view/link-view.js';
import { showOrigin } from './view/page-title.js';
import { createTabs } from './view/tabs-view.js';
import { createThemeControl } from './view/theme.js';
import { createWatchlist } from './watchlist.js';

/** The parts of the browser that the page needs: nothing below uses globals for them. */
export interface Surroundings {
  readonly url: string;
  readonly host: string;
  readonly token: string | undefined;
  readonly locales: readonly string[];
  readonly storage: Storage | undefined;
  /** Never goes back, whatever the viewer's clock does: for ages, rates and silences. */
  readonly now: () => number;
  /** For labels, and beside the times of others. */
  readonly wall: () => number;
  readonly isOnline: () => boolean;
}

/** Ticks between two looks at what only time changes: ages, flashes, silence. */
const lookEvery = 2;
const roundTripEvery = 50;

/**
 * The page: one connection, what is known, and the views that paint it. The start is several tasks, so that none keeps
 * the browser from painting and answering for long; nothing is received before the last of them connects.
 */
export const startApp = async (surroundings: Surroundings): Promise<void> => {
  const { url, host, token, locales, storage, now, wall, isOnline } = surroundings;
  const preferences = createPreferenceStore(createSavedText(preferencesKey, storage, window));
  const text = createNumberText(locales);
  const clock = createClockText(locales);
  const announcer = createAnnouncer(byId('announcer'));
  const client = createLiveClient({ url, token, fallbackName: host, now, wall, isOnline });
  const readOlder = createReadOlderBars(fetch, token);
  const frame = createFrame(requestPaint, () => performance.now());
  const silence = createSilence(() => markAll());
  const feed = createWatchFeed({
    client,
    now,
    wall,
    onChange: () => markPrices(),
    onPrice: (key, price) => alerts.price(key, price),
  });
  const navigation = createNavigation({
    preferences,
    announcer,
    onRoute: (route) => {
      market.show(route);
      beside.show(route, market.horizonSeconds);
      watchlist.select(`${route.venue}.${route.symbol}`);
    },
    onDecided: () => markAll(),
  });

  const linkNow = (): Omit<StateReasons, 'health'> => ({
    isConnected: client.state.name === 'live',
    isSilent: silence.isSilent,
    isGatewayStale: client.isGatewayStale || navigation.symbols?.kind === 'away',
  });
  const stateOf = (entry: WatchEntry): PriceState => {
    const { health, heardAt, gapMs } = entry;
    const isChannelStale = priceChannelsOf(entry).some(client.isStale);
    return priceState({ ...linkNow(), isChannelStale, health, heardAt, gapMs, now: now() });
  };

  const theme = createThemeControl(byId('theme'), preferences.value.theme, (chosen) => {
    preferences.set({ theme: chosen });
  });
  const linkView = createLinkView();
  const connectionCard = createConnectionCard(client, text);
  const watchlist = createWatchlist({
    feed,
    preferences,
    moment: () => ({ now: now(), text, palette: theme.palette, stateOf, link: linkNow() }),
    connection: () => client.state,
    symbols: () => navigation.symbols,
    mark: () => markWatch(),
    onOpen: navigation.open,
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
      const { symbols, problem } = navigation;
      return {
        state: client.state,
        symbols,
        problem,
        isOnline: isOnline(),
        link: linkNow(),
        unseenAlerts: alerts.unseen,
      };
    },
    onPrice: (key, price) => alerts.price(key, price),
    onInterval: navigation.setInterval,
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
    onOpen: navigation.open,
    onPrice: (key, price) => alerts.price(key, price),
    onClose: navigation.closeBeside,
    onCharts: (charts) => navigation.setCharts(charts, sortRows(feed.entries, 'volume', 'descending')),
  });
  const alerts = createAlerts({
    client,
    saved: createSavedText(alertsKey, storage, window),
    preferences,
    text,
    clock,
    locales,
    now,
    wall,
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

  const askAgain = askForSymbols({
    fetch,
    token,
    onAnswer: (answer) => {
      navigation.setSymbols(answer);
      if (answer.kind === 'symbols') {
        feed.setSymbols(answer.symbols);
        watchlist.showFavourites();
        showOrigin(answer.symbols);
      }
      navigation.decide();
    },
  });

  client.onState((state) => {
    announceConnection(state, client.counters.reconnects, announcer);
    if (state.name === 'live') {
      void client.measureRoundTrip();
      if (client.counters.reconnects > 0 || navigation.symbols?.kind === 'refused') askAgain();
    }
    markAll();
  });
  client.onReceived(silence.heard);
  const setPalette = (): void => {
    market.setPalette(theme.palette);
    beside.setPalette(theme.palette);
  };
  theme.onChange(() => {
    setPalette();
    markAll();
  });
  createTabs(markAll);
  setText(byId('time-zone'), `Times in ${clock.zone}, days of candles in UTC`);
  for (const event of ['online', 'offline']) addEventListener(event, markAll);
  addEventListener('hashchange', navigation.decide);
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
      for (const mark of [markLink, markWatch, market.markAges, beside.mark, markConnection]) mark();
    }
    if (ticks % roundTripEvery === 0 && client.state.name === 'live') void client.measureRoundTrip();
  }, silenceTickMs);

  setPalette();
  navigation.decide();
  client.connect();
};

const announceConnection = (state: ConnectionState, reconnects: number, announcer: Announcer): void => {
  if (state.name === 'live' && reconnects > 0) announcer.say('Connected again', 'connection');
  else if (state.name === 'reconnecting') announcer.say(state.reason, 'connection');
  else if (state.name === 'refused') announcer.say(`${state.problem.title}. ${state.problem.text}`, 'connection');
};
