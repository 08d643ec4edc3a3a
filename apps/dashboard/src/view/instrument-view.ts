import { type BarInterval, barIntervals } from '@tickwire/protocol';
import { horizonsOf, type Instrument, type InstrumentPart, intervalMs } from '../data/instrument.js';
import { isPresent } from '../model/candle-series.js';
import type { ClockText } from '../model/clock-text.js';
import { fanOf } from '../model/fan.js';
import { outcomeOf } from '../model/fan-history.js';
import type { NumberText } from '../model/number-text.js';
import { horizonText } from '../model/score-text.js';
import type { Announcer } from './announcer.js';
import { createCandleTable } from './candle-table.js';
import { createChartKey } from './chart-key.js';
import { createChartKeys } from './chart-keys.js';
import { createChartView } from './chart-view.js';
import { type Cover, createCoverView, createPastNote } from './cover-view.js';
import { byId, createSegments, type SegmentOption, setText } from './dom.js';
import type { JudgedFan } from './fan-layer.js';
import { createLegendView } from './legend-view.js';
import type { Palette } from './theme.js';

export interface InstrumentViewOptions {
  readonly text: NumberText;
  readonly clock: ClockText;
  readonly announcer: Announcer;
  readonly mark: () => void;
  readonly onInterval: (interval: BarInterval) => void;
  readonly onHorizon: (seconds: number) => void;
}

/** The chart of one symbol and what is around it. */
export interface InstrumentView {
  show(instrument: Instrument, horizonSeconds: number): void;
  setHorizon(seconds: number): void;
  /** Digits behind the point of this symbol's prices; returns whether they are others than before. */
  setDecimals(decimals: number): boolean;
  setPalette(palette: Palette): void;
  changed(part: InstrumentPart): void;
  paint(cover: Cover): void;
}

export const createInstrumentView = (options: InstrumentViewOptions): InstrumentView => {
  const { text, clock, announcer, mark } = options;
  let instrument: Instrument | undefined;
  let horizonSeconds = 60;
  let decimals = 2;
  let palette: Palette | undefined;
  let pointed: number | undefined;
  let past: readonly JudgedFan[] = [];
  /** How many candles there are is known with the first of them. */
  let isFramed = false;
  const dirty = { candles: true, fans: true };

  const container = byId('chart');
  const chart = createChartView({
    container,
    clock,
    formatPrice: (price) => formatPrice(price),
    onOldest: () => instrument?.wantOlder(),
    onPoint: (index) => {
      if (pointed === index) return;
      pointed = index;
      mark();
    },
  });
  const legend = createLegendView(text, clock);
  const key = createChartKey();
  const cover = createCoverView(byId('chart-cover'));
  const pastNote = createPastNote(byId('chart-frame'), () => {
    // The button goes.
    container.focus();
    instrument?.retryOlder();
  });
  const intervals = createSegments<BarInterval>(byId('interval'), options.onInterval);
  intervals.setOptions(barIntervals.map(intervalOption));
  const horizons = createSegments<number>(byId('horizon'), options.onHorizon);
  const table = createCandleTable(text, clock, mark);
  createChartKeys({
    chart: chart.api,
    container,
    tools: byId('chart-tools'),
    series: () => instrument?.series,
    onTable: () => {
      table.toggle();
      return table.isOpen;
    },
    onRead: (index) => {
      const candle = index === undefined ? undefined : instrument?.series.candles[index];
      chart.point(candle);
      pointed = index;
      if (candle !== undefined) announcer.say(legend.spoken(candle, decimals, candleMs()), 'candle');
      mark();
    },
  });

  const candleMs = (): number => (instrument === undefined ? 0 : intervalMs[instrument.route.interval]);
  const frame = (): void => {
    if (instrument === undefined) return;
    const length = intervalMs[instrument.route.interval];
    chart.frame((horizonSeconds * 1_000) / length, length, instrument.series.candles.length);
  };

  const paintFans = (shown: Instrument): void => {
    if (palette === undefined) return;
    past = judgedFans(shown, horizonSeconds);
    const live = shown.forecast === undefined ? undefined : fanOf(shown.forecast, horizonSeconds);
    const { series, route } = shown;
    chart.showFans({ past, live, series, intervalMs: intervalMs[route.interval], palette });
    key.paint(past, live?.isWarming ?? false, live !== undefined);
  };

  const formatPrice = (price: number): string => text.price(price.toFixed(decimals), decimals);
  return {
    show(next, seconds) {
      instrument = next;
      horizonSeconds = seconds;
      pointed = undefined;
      dirty.candles = true;
      dirty.fans = true;
      intervals.choose(next.route.interval);
      horizons.setOptions(horizonsOf[next.route.interval].map(horizonOption));
      horizons.choose(seconds);
      next.wantPast(seconds);
      isFramed = false;
      frame();
      mark();
    },
    setHorizon(seconds) {
      horizonSeconds = seconds;
      horizons.choose(seconds);
      instrument?.wantPast(seconds);
      dirty.fans = true;
      frame();
      mark();
    },
    setDecimals(next) {
      if (next === decimals) return false;
      decimals = next;
      chart.setDecimals(next);
      return true;
    },
    setPalette(next) {
      palette = next;
      chart.setPalette(next);
      dirty.fans = true;
      mark();
    },
    changed(part) {
      if (part === 'candles') dirty.candles = true;
      if (part !== 'trades') dirty.fans = true;
      mark();
    },
    paint(over) {
      cover.show(over);
      if (instrument === undefined) return;
      if (dirty.candles) {
        chart.showCandles(instrument.series, isPresent(instrument.series, candleMs(), instrument.lastTrade?.ts));
        if (!isFramed && instrument.series.candles.length > 0) {
          isFramed = true;
          frame();
        }
        setText(byId('chart-summary'), summaryOf(instrument, formatPrice));
      }
      if (dirty.fans) paintFans(instrument);
      dirty.candles = false;
      dirty.fans = false;
      const { series } = instrument;
      pastNote.show(instrument.isPastUnread);
      table.paint(series.candles, decimals, candleMs());
      legend.paint(pointed === undefined ? series.last : series.candles[pointed], decimals, candleMs());
    },
  };
};

const horizonOption = (value: number): SegmentOption<number> => {
  const label = horizonText(value);
  return { value, label, name: `${label} forecast` };
};

const intervalOption = (value: BarInterval): SegmentOption<BarInterval> => {
  const label = value.replace('m', 'min').replace(/\d+/, '$& ');
  return { value, label, name: `${label} candles` };
};

const judgedFans = ({ fans, series, route }: Instrument, horizonSeconds: number): readonly JudgedFan[] => {
  const all = fans.fans(horizonSeconds);
  return all.map((fan, i) => ({
    fan,
    outcome: outcomeOf(fan, all[i + 1], series.candles, intervalMs[route.interval]),
  }));
};

/** The chart in a sentence, for screen readers. */
const summaryOf = ({ series, route }: Instrument, formatPrice: (price: number) => string): string => {
  const { candles, last } = series;
  if (last === undefined) return '';
  const missing = series.missing().length;
  const gaps = missing === 0 ? 'none missing' : `${missing} missing`;
  return `${candles.length} candles of ${route.interval}, ${gaps}; the last closes at ${formatPrice(last.close)}.`;
};
