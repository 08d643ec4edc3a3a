import { type Instrument, type InstrumentPart, intervalMs } from '../data/instrument.js';
import { isPresent } from '../model/candle-series.js';
import type { ClockText } from '../model/clock-text.js';
import { fanOf } from '../model/fan.js';
import type { NumberText } from '../model/number-text.js';
import type { PriceState } from '../model/symbol-state.js';
import type { WatchEntry } from '../model/watch-entry.js';
import { createChartView } from './chart-view.js';
import { createPastNote } from './cover-view.js';
import { el, setAttribute, setData, setText } from './dom.js';
import type { Palette } from './theme.js';

/** The chart of a market that stands beside the first, with its price. */
export interface TileView {
  readonly element: HTMLElement;
  setHorizon(seconds: number): void;
  setPalette(palette: Palette): void;
  changed(part: InstrumentPart): void;
  paint(entry: WatchEntry | undefined, state: PriceState): void;
  remove(): void;
}

export interface TileOptions {
  readonly instrument: Instrument;
  readonly horizonSeconds: number;
  readonly text: NumberText;
  readonly clock: ClockText;
  /** Takes the first place. */
  readonly onOpen: () => void;
  readonly onClose: () => void;
}

const none = '–';

export const createTileView = ({ instrument, text, clock, onOpen, onClose, ...options }: TileOptions): TileView => {
  const { route, series } = instrument;
  const length = intervalMs[route.interval];
  let { horizonSeconds } = options;
  let decimals = 2;
  let palette: Palette | undefined;
  const dirty = { candles: true, fan: true };

  const name = el('button', { type: 'button', class: 'tile-name', title: `Open ${route.symbol}` }, route.symbol);
  const venue = el('span', { class: 'tile-venue' }, route.venue);
  const price = el('span', { class: 'tile-price' }, none);
  const change = el('span', { class: 'tile-change' }, none);
  const close = el('button', { type: 'button', class: 'button', 'aria-label': `Close ${route.symbol}` }, '×');
  const container = el('div', { class: 'tile-chart', role: 'img' });
  const note = el('p', { class: 'tile-note' });
  const head = el('header', { class: 'tile-head' }, name, venue, price, change, close);
  const element = el(
    'section',
    { class: 'pane tile', 'aria-label': `${route.symbol} at ${route.venue}` },
    head,
    container,
    note,
  );
  name.addEventListener('click', onOpen);
  close.addEventListener('click', onClose);

  const chart = createChartView({
    container,
    clock,
    formatPrice: (value) => text.price(value.toFixed(decimals), decimals),
    onPoint: () => {},
    onOldest: instrument.wantOlder,
  });
  const pastNote = createPastNote(element, instrument.retryOlder);
  /** Once it has a size: a chart that is not in the page has none. */
  let isFramed = false;
  const frame = (): void => {
    isFramed = chart.api.timeScale().width() > 0 && series.candles.length > 0;
    chart.frame((horizonSeconds * 1_000) / length, length, series.candles.length);
  };

  const paintChart = (): void => {
    if (dirty.candles) chart.showCandles(series, isPresent(series, length, instrument.lastTrade?.ts));
    if (!isFramed) frame();
    if (dirty.fan && palette !== undefined) {
      const live = instrument.forecast === undefined ? undefined : fanOf(instrument.forecast, horizonSeconds);
      chart.showFans({ past: [], live, series, intervalMs: length, palette });
    }
    dirty.candles = false;
    dirty.fan = false;
  };

  return {
    element,
    setHorizon(seconds) {
      horizonSeconds = seconds;
      dirty.fan = true;
      frame();
    },
    setPalette(next) {
      palette = next;
      chart.setPalette(next);
      dirty.fan = true;
    },
    changed(part) {
      if (part === 'candles') dirty.candles = true;
      if (part !== 'trades') dirty.fan = true;
    },
    paint(entry, state) {
      const digits = Math.max(entry?.decimals ?? 0, instrument.decimals);
      if (digits !== decimals) {
        decimals = digits;
        chart.setDecimals(digits);
      }
      setData(element, 'state', state);
      const last = instrument.lastTrade?.price ?? entry?.ticker?.last;
      const shown = last === undefined ? none : text.price(last, decimals);
      setText(price, shown);
      const percent = entry?.changePercent ?? Number.NaN;
      setText(change, Number.isNaN(percent) ? none : text.change(percent));
      setData(change, 'sign', percent > 0 ? 'up' : percent < 0 ? 'down' : 'flat');
      setAttribute(container, 'aria-label', `${series.candles.length} candles of ${route.interval}`);
      setText(note, instrument.problem?.title ?? (state === 'live' || state === 'waiting' ? '' : state));
      pastNote.show(instrument.isPastUnread);
      paintChart();
    },
    remove() {
      chart.api.remove();
      element.remove();
    },
  };
};
