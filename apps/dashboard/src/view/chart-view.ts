import {
  CandlestickSeries,
  ColorType,
  CrosshairMode,
  createChart,
  HistogramSeries,
  type IChartApi,
  type ISeriesApi,
  type UTCTimestamp,
} from 'lightweight-charts';
import type { Candle, CandleSeries } from '../model/candle-series.js';
import type { ClockText } from '../model/clock-text.js';
import { createFanLayer, type FanScene } from './fan-layer.js';
import type { Palette } from './theme.js';

export interface ChartOptions {
  readonly container: HTMLElement;
  readonly clock: ClockText;
  readonly formatPrice: (price: number) => string;
  /** The candle under the crosshair; undefined if there is none. */
  readonly onPoint: (index: number | undefined) => void;
  /** The oldest candle is visible, or nearly. */
  readonly onOldest: () => void;
}

/** The candles of one symbol with their volume, and the fans behind them. */
export interface ChartView {
  readonly api: IChartApi;
  /** Puts the crosshair on a candle; `undefined` removes it. */
  point(candle: Candle | undefined): void;
  setPalette(palette: Palette): void;
  /** Another symbol, interval or horizon: room for that many candles ahead, and enough behind. */
  frame(candlesAhead: number, intervalMs: number, candles: number): void;
  setDecimals(decimals: number): void;
  /** `isPresent`: the last candle has the price of now, or nobody knows a later one. */
  showCandles(series: CandleSeries, isPresent: boolean): void;
  showFans(scene: FanScene): void;
}

/** The share of the width ahead of the price, and the fewest candles that make a picture. */
const aheadShare = 0.3;
const minSlots = 90;
/** A market that is young has few candles: they get more room each, up to this. */
const maxSpacing = 18;
const fewSlots = 24;
/** Candles' room at the right for the names of the levels, in pixels. */
const labelRoom = 34;
/** The chart's library throws above this: a JavaScript number has no more digits. */
const maxDecimals = 16;
const dayMs = 86_400_000;
/** More new candles than this are drawn together: each `update` of the chart costs as much as drawing a dozen. */
const maxUpdates = 4;
/** Older candles are requested this many before the oldest becomes visible. */
const oldestMargin = 40;

export const createChartView = ({ container, clock, formatPrice, onPoint, onOldest }: ChartOptions): ChartView => {
  let intervalMs = 1_000;
  let shiftMs = 0;
  const toTime = (ms: number): UTCTimestamp => ((ms + shiftMs) / 1_000) as UTCTimestamp;
  const toMs = (time: number): number => time * 1_000 - shiftMs;
  const chart = createChart(container, {
    autoSize: true,
    // The library's licence asks for a link; it stands in the foot of the page.
    layout: { attributionLogo: false, fontFamily: 'Inter, system-ui, sans-serif', fontSize: 11 },
    grid: { vertLines: { visible: false } },
    crosshair: { mode: CrosshairMode.Normal },
    // As wide from the start as most prices need: the chart does not move when they come.
    rightPriceScale: { borderVisible: false, minimumWidth: 78, scaleMargins: { top: 0.1, bottom: 0.2 } },
    timeScale: {
      borderVisible: false,
      timeVisible: true,
      secondsVisible: true,
      minBarSpacing: 0.3,
      lockVisibleTimeRangeOnResize: false,
      // The axis knows UTC only: its times are shifted, so that its marks stand at the full hours and days of here.
      // Types of marks: year 0, month 1, day 2, time 3, time with seconds 4.
      tickMarkFormatter: (time: UTCTimestamp, type: number) =>
        type < 3 ? clock.day(toMs(time)) : (type === 3 ? clock.minute : clock.second)(toMs(time)),
    },
    localization: {
      timeFormatter: (time: UTCTimestamp) => clock.candle(toMs(time), intervalMs),
      priceFormatter: formatPrice,
    },
  });
  const volume = chart.addSeries(HistogramSeries, {
    priceScaleId: 'volume',
    priceFormat: { type: 'volume' },
    lastValueVisible: false,
    priceLineVisible: false,
  });
  const candles = chart.addSeries(CandlestickSeries, { priceLineStyle: 3, priceLineWidth: 1 });
  chart.priceScale('volume').applyOptions({ scaleMargins: { top: 0.86, bottom: 0 } });
  const fans = createFanLayer(chart, candles, volume);

  let palette: Palette | undefined;
  let isPriceShown = true;
  let drawn: { series: CandleSeries; revision: number; count: number } | undefined;

  chart.subscribeCrosshairMove(({ logical }) => {
    const index = logical === undefined ? undefined : Math.round(logical);
    const isOver = index !== undefined && index >= 0 && index < (drawn?.series.candles.length ?? 0);
    onPoint(isOver ? index : undefined);
  });

  chart.timeScale().subscribeVisibleLogicalRangeChange((range) => {
    if (range !== null && range.from < oldestMargin && drawn !== undefined && drawn.count > 0) onOldest();
  });

  const setAll = (series: CandleSeries): void => {
    candles.setData(series.candles.map((candle) => candleData(candle, toTime(candle.start), palette)));
    volume.setData(series.candles.map((candle) => volumeData(candle, toTime(candle.start), palette)));
  };

  return {
    api: chart,
    point(candle) {
      if (candle === undefined) chart.clearCrosshairPosition();
      else chart.setCrosshairPosition(candle.close, toTime(candle.start), candles);
    },
    setPalette(next) {
      palette = next;
      const { text, muted, line, up, down } = next;
      chart.applyOptions({
        layout: { background: { type: ColorType.Solid, color: 'transparent' }, textColor: muted },
        grid: { horzLines: { color: line } },
        crosshair: {
          vertLine: { color: muted, labelBackgroundColor: text },
          horzLine: { color: muted, labelBackgroundColor: text },
        },
      });
      candles.applyOptions({
        upColor: up,
        downColor: down,
        wickUpColor: up,
        wickDownColor: down,
        borderVisible: false,
      });
      if (drawn !== undefined) setAll(drawn.series);
    },
    setDecimals(decimals) {
      const precision = Math.min(decimals, maxDecimals);
      candles.applyOptions({ priceFormat: { type: 'price', precision, minMove: 10 ** -precision } });
    },
    frame(candlesAhead, nextIntervalMs, known) {
      intervalMs = nextIntervalMs;
      const width = Math.max(200, chart.timeScale().width());
      const least = known === 0 ? minSlots : Math.min(minSlots, Math.max(fewSlots, known + candlesAhead));
      const slots = Math.max(least, candlesAhead / aheadShare);
      const barSpacing = Math.min(least < minSlots ? maxSpacing : 12, Math.max(0.5, width / slots));
      const isShort = intervalMs < 60_000;
      const rightOffset = candlesAhead + labelRoom / barSpacing;
      // One call: each recomputes every mark of the axis.
      chart
        .timeScale()
        .applyOptions({ timeVisible: intervalMs < dayMs, secondsVisible: isShort, barSpacing, rightOffset });
      chart.timeScale().scrollToPosition(rightOffset, false);
      chart.priceScale('right').applyOptions({ autoScale: true });
    },
    showCandles(series, isPresent) {
      if (isPriceShown !== isPresent) {
        isPriceShown = isPresent;
        candles.applyOptions({ lastValueVisible: isPresent, priceLineVisible: isPresent });
      }
      const { revision } = series;
      const count = series.candles.length;
      if (drawn?.series !== series) {
        // One shift for all: candles of both sides of a change of clocks stay in order. Days are those of UTC.
        shiftMs = intervalMs >= dayMs ? 0 : clock.shiftMs(series.last?.start ?? 0);
      }
      const known = drawn?.series === series && drawn.revision === revision ? drawn.count : Number.POSITIVE_INFINITY;
      if (count < known || count > known + maxUpdates) setAll(series);
      else {
        for (let i = Math.max(0, known - 1); i < count; i += 1) {
          const candle = series.candles[i] as Candle;
          candles.update(candleData(candle, toTime(candle.start), palette));
          volume.update(volumeData(candle, toTime(candle.start), palette));
        }
      }
      drawn = { series, revision, count };
    },
    showFans: (scene) => fans.show(scene),
  };
};

type CandleData = Parameters<ISeriesApi<'Candlestick'>['update']>[0];
type VolumeData = Parameters<ISeriesApi<'Histogram'>['update']>[0];

/** A bar that is known to lack trades is drawn without colour. */
const candleData = (
  { open, high, low, close, isIncomplete }: Candle,
  time: UTCTimestamp,
  palette?: Palette,
): CandleData => ({
  time,
  open,
  high,
  low,
  close,
  ...(isIncomplete && palette !== undefined && { color: palette.muted, wickColor: palette.muted }),
});

const volumeData = ({ open, close, volume }: Candle, time: UTCTimestamp, palette?: Palette): VolumeData => ({
  time,
  value: volume,
  ...(palette !== undefined && { color: faded(close >= open ? palette.up : palette.down) }),
});

/** `rgb(1, 2, 3)` at a quarter. */
const faded = (color: string): string => color.replace(/^rgb\((.*)\)$/, 'rgba($1, 0.28)');
