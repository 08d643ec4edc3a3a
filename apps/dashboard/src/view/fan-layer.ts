import type { IChartApi, IPrimitivePaneView, ISeriesApi, ISeriesPrimitive, Logical, Time } from 'lightweight-charts';
import { type CandleSeries, logicalAt } from '../model/candle-series.js';
import { type Fan, fanExtent } from '../model/fan.js';
import type { FanOutcome } from '../model/fan-history.js';
import { drawFan, drawNow, drawOutcome, type FanCanvas } from './fan-drawing.js';
import type { Palette } from './theme.js';

/** A past forecast with what became of it. */
export interface JudgedFan {
  readonly fan: Fan;
  readonly outcome: FanOutcome;
}

/** What is drawn behind the candles. */
export interface FanScene {
  readonly past: readonly JudgedFan[];
  /** The newest forecast, ahead of the price. */
  readonly live: Fan | undefined;
  readonly series: CandleSeries;
  readonly intervalMs: number;
  readonly palette: Palette;
}

/** Fans drawn into the chart's own canvas, in the time and price of its candles. */
export interface FanLayer {
  show(scene: FanScene): void;
}

/** Drawn with `carrier`, a series beneath the candles: above the lines of the grid, and the candles stay on top. */
export const createFanLayer = (
  chart: IChartApi,
  candles: ISeriesApi<'Candlestick'>,
  carrier: ISeriesApi<'Histogram'>,
): FanLayer => {
  const timeScale = chart.timeScale();
  let scene: FanScene | undefined;
  let requestUpdate: (() => void) | undefined;

  const logicalOf = ({ series, intervalMs }: FanScene, ms: number): number =>
    logicalAt(series.candles, series.indexAt, ms, intervalMs);

  /** The chart gives places of whole candles only; between them this computes with the width of a bar. */
  const xOf = (shown: FanScene): ((ms: number) => number) | undefined => {
    const origin = timeScale.logicalToCoordinate(0 as Logical);
    if (origin === null) return undefined;
    const { barSpacing } = timeScale.options();
    return (ms) => origin + logicalOf(shown, ms) * barSpacing;
  };

  const draw = (canvas: Omit<FanCanvas, 'x' | 'y'>, width: number): void => {
    const shown = scene;
    if (shown === undefined || shown.series.last === undefined) return;
    const x = xOf(shown);
    const y = (price: number): number | null => candles.priceToCoordinate(price);
    if (x === undefined) return;
    const full = { ...canvas, x, y };
    const inSight = shown.past.filter(({ fan }) => x(fan.target) > 0 && x(fan.madeAt) < width);
    for (const { fan } of inSight) drawFan(full, fan, shown.palette, 'past');
    if (shown.live !== undefined) {
      drawNow(full, shown.live, shown.palette);
      drawFan(full, shown.live, shown.palette, 'live');
    }
    for (const { fan, outcome } of inSight) drawOutcome(full, fan, outcome, shown.palette);
  };

  const view: IPrimitivePaneView = {
    zOrder: () => 'normal',
    renderer: () => ({
      draw: (target) =>
        target.useMediaCoordinateSpace(({ context, mediaSize }) =>
          draw({ context, height: mediaSize.height }, mediaSize.width),
        ),
    }),
  };
  carrier.attachPrimitive({
    attached: (parameters) => {
      requestUpdate = parameters.requestUpdate;
    },
    paneViews: () => [view],
  } satisfies ISeriesPrimitive<Time>);
  candles.attachPrimitive({
    /** The price axis makes room for what is drawn, not for the candles alone. */
    autoscaleInfo(start, end) {
      const shown = scene;
      if (shown === undefined) return null;
      const all = [...shown.past.map(({ fan }) => fan), ...(shown.live === undefined ? [] : [shown.live])];
      const inSight = all.filter((fan) => logicalOf(shown, fan.target) >= start && logicalOf(shown, fan.madeAt) <= end);
      if (inSight.length === 0) return null;
      const extents = inSight.map(fanExtent);
      const minValue = Math.min(...extents.map(([low]) => low));
      return { priceRange: { minValue, maxValue: Math.max(...extents.map(([, high]) => high)) } };
    },
  } satisfies ISeriesPrimitive<Time>);

  return {
    show(next) {
      scene = next;
      requestUpdate?.();
    },
  };
};
