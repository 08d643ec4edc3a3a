import { type Instrument, openInstrument } from './data/instrument.js';
import type { LiveClient } from './data/live-client.js';
import type { ReadOlderBars } from './data/older-bars.js';
import type { ClockText } from './model/clock-text.js';
import type { NumberText } from './model/number-text.js';
import { unknownSymbol } from './model/problem.js';
import { type MarketName, marketHash, type Route } from './model/route.js';
import type { PriceState } from './model/symbol-state.js';
import type { WatchEntry } from './model/watch-entry.js';
import { byId, createSegments, setData } from './view/dom.js';
import type { Frame } from './view/frame.js';
import type { Palette } from './view/theme.js';
import { createTileView, type TileView } from './view/tile-view.js';

export interface BesideOptions {
  readonly client: LiveClient;
  readonly readOlder: ReadOlderBars;
  readonly frame: Frame;
  readonly text: NumberText;
  readonly clock: ClockText;
  readonly find: (venue: string, symbol: string) => WatchEntry | undefined;
  readonly stateOf: (entry: WatchEntry) => PriceState;
  readonly onPrice: (key: string, price: string) => void;
  readonly onOpen: (market: MarketName) => void;
  readonly onClose: (market: MarketName) => void;
  /** The viewer chose this number of charts. */
  readonly onCharts: (charts: number) => void;
}

/** The markets beside the first one. They share its connection, and each is followed once. */
export interface Beside {
  show(route: Route, horizonSeconds: number): void;
  setHorizon(seconds: number): void;
  setPalette(palette: Palette): void;
  mark(): void;
}

interface Tile {
  readonly instrument: Instrument;
  readonly view: TileView;
}

export const createBeside = (options: BesideOptions): Beside => {
  const { client, readOlder, frame, text, clock, find, stateOf, onPrice } = options;
  const stage = byId('stage');
  const tiles = new Map<string, Tile>();
  let palette: Palette | undefined;

  const counts = createSegments<number>(byId('charts'), options.onCharts);
  counts.setOptions(
    [1, 2, 4].map((value) => ({ value, label: String(value), name: value === 1 ? '1 chart' : `${value} charts` })),
  );

  const mark = frame.add(() => {
    for (const { instrument, view } of tiles.values()) {
      const entry = find(instrument.route.venue, instrument.route.symbol);
      view.paint(entry, entry === undefined ? 'waiting' : stateOf(entry));
    }
  });

  const open = (route: Route, horizonSeconds: number): Tile => {
    const instrument = openInstrument({
      client,
      readOlder,
      route,
      own: find(route.venue, route.symbol)?.own,
      unknownSymbol: ({ symbol, venue }) => unknownSymbol(symbol, venue),
      onTrade: ({ venue, symbol, price }) => onPrice(`${venue}.${symbol}`, price),
      onChange: (part) => {
        view.changed(part);
        mark();
      },
    });
    const { venue, symbol } = route;
    const view = createTileView({
      instrument,
      horizonSeconds,
      text,
      clock,
      onOpen: () => options.onOpen({ venue, symbol }),
      onClose: () => options.onClose({ venue, symbol }),
    });
    if (palette !== undefined) view.setPalette(palette);
    return { instrument, view };
  };

  return {
    show({ interval, beside = [] }, horizonSeconds) {
      const wanted = new Map(beside.map((market) => [marketHash({ ...market, interval }), market]));
      for (const [key, { instrument, view }] of tiles) {
        const market = wanted.get(key);
        if (market !== undefined && find(market.venue, market.symbol)?.own === instrument.own) continue;
        instrument.close();
        view.remove();
        tiles.delete(key);
      }
      for (const [key, market] of wanted) {
        if (!tiles.has(key)) tiles.set(key, open({ ...market, interval }, horizonSeconds));
      }
      setData(stage, 'charts', String(wanted.size + 1));
      setData(byId('layout'), 'charts', wanted.size > 0 ? 'several' : 'one');
      counts.choose(wanted.size + 1);
      // In the order of the address. A tile that is in its place is not moved: it would lose the focus.
      const elements = [...wanted.keys()].flatMap((key) => tiles.get(key)?.view.element ?? []);
      if (elements.some((element, i) => stage.children[i + 1] !== element)) stage.append(...elements);
      mark();
    },
    setHorizon(seconds) {
      for (const { view } of tiles.values()) view.setHorizon(seconds);
      mark();
    },
    setPalette(next) {
      palette = next;
      for (const { view } of tiles.values()) view.setPalette(next);
      mark();
    },
    mark,
  };
};
