import type { IChartApi } from 'lightweight-charts';
import type { CandleSeries } from '../model/candle-series.js';
import { el, setAttribute } from './dom.js';

export interface ChartKeysOptions {
  readonly chart: IChartApi;
  readonly container: HTMLElement;
  /** Buttons for viewers who cannot drag or turn a wheel. */
  readonly tools: HTMLElement;
  readonly series: () => CandleSeries | undefined;
  /** Shows the candles as a table, or the chart again; returns whether it is the table. */
  readonly onTable: () => boolean;
  /** The candle chosen by key; undefined for none. */
  readonly onRead: (index: number | undefined) => void;
}

const zoomStep = 1.3;
/** How far one step moves, as a share of the width. */
const moveShare = 0.25;
/** How much may lie ahead of the newest candle, as a share of the width. */
const maxAheadShare = 0.45;
const minSpacing = 0.5;
const maxSpacing = 40;

/** Everything the pointer can do to the chart, by key and by button. */
export const createChartKeys = ({ chart, container, tools, series, onTable, onRead }: ChartKeysOptions): void => {
  const timeScale = chart.timeScale();
  let read: number | undefined;

  const zoom = (factor: number): void => {
    const before = timeScale.options().barSpacing;
    const position = timeScale.scrollPosition();
    const barSpacing = Math.min(maxSpacing, Math.max(minSpacing, before * factor));
    timeScale.applyOptions({ barSpacing });
    // The newest candle stays where it is: what lies ahead of it is as wide as it was.
    timeScale.scrollToPosition((position * before) / barSpacing, false);
  };
  const move = (direction: -1 | 1): void => {
    const candles = (timeScale.width() * moveShare) / timeScale.options().barSpacing;
    timeScale.scrollToPosition(timeScale.scrollPosition() + direction * candles, false);
  };
  const toNow = (): void => {
    const { rightOffset, barSpacing } = timeScale.options();
    timeScale.scrollToPosition(Math.min(rightOffset, (timeScale.width() * maxAheadShare) / barSpacing), false);
  };
  const toOldest = (): void => {
    const range = timeScale.getVisibleLogicalRange();
    if (range !== null) timeScale.setVisibleLogicalRange({ from: 0, to: range.to - range.from });
  };
  const readCandle = (step: -1 | 1): void => {
    const count = series()?.candles.length ?? 0;
    if (count === 0) return;
    read = Math.max(0, Math.min(count - 1, read === undefined ? count - 1 : read + step));
    onRead(read);
  };
  const letGo = (): void => {
    if (read === undefined) return;
    read = undefined;
    onRead(undefined);
  };

  const keys: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => readCandle(-1),
    ArrowRight: () => readCandle(1),
    PageUp: () => move(-1),
    PageDown: () => move(1),
    Home: toOldest,
    End: toNow,
    Escape: letGo,
    '+': () => zoom(zoomStep),
    '=': () => zoom(zoomStep),
    '-': () => zoom(1 / zoomStep),
  };
  setAttribute(container, 'tabindex', '0');
  setAttribute(container, 'role', 'group');
  setAttribute(container, 'aria-roledescription', 'chart');
  setAttribute(container, 'aria-labelledby', 'instrument-name');
  setAttribute(container, 'aria-describedby', 'chart-help chart-summary');
  container.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const act = keys[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  });
  container.addEventListener('blur', letGo);

  const button = (label: string, name: string, act: () => void): HTMLButtonElement => {
    const element = el('button', { type: 'button', 'aria-label': name, title: name }, label);
    element.addEventListener('click', act);
    return element;
  };
  const table = button('Table', 'Table of candles', () => {
    setAttribute(table, 'aria-pressed', String(onTable()));
  });
  setAttribute(table, 'aria-pressed', 'false');
  tools.append(
    button('‹', 'Older', () => move(-1)),
    button('−', 'Zoom out', () => zoom(1 / zoomStep)),
    button('+', 'Zoom in', () => zoom(zoomStep)),
    button('›', 'Newer', () => move(1)),
    button('Now', 'Now: back to the newest candle', toNow),
    table,
  );
};
