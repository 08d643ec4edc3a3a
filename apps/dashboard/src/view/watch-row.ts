import type { NumberText } from '../model/number-text.js';
import { type PriceState, type StateReasons, stateText } from '../model/symbol-state.js';
import type { WatchEntry } from '../model/watch-entry.js';
import { el, setAttribute, setData, setText } from './dom.js';
import { createSparklineCanvas } from './sparkline-canvas.js';
import type { Palette } from './theme.js';

/** How everything stands at this paint. */
export interface WatchMoment {
  readonly now: number;
  readonly text: NumberText;
  readonly palette: Palette;
  readonly stateOf: (entry: WatchEntry) => PriceState;
  readonly link: Omit<StateReasons, 'health'>;
}

/** One of the few rows there are in the document: it shows whichever entry is scrolled to its place. */
export interface WatchRow {
  readonly element: HTMLElement;
  readonly entry: WatchEntry | undefined;
  /** The price as it is shown. */
  readonly price: string;
  place(index: number, entry: WatchEntry, rowHeight: number): void;
  hide(): void;
  paint(moment: WatchMoment): void;
}

const flashMs = 450;
const none = '–';

export const createWatchRow = (id: string): WatchRow => {
  const cell = (name: string, ...children: (Node | string)[]) =>
    el('div', { role: 'gridcell', class: `cell ${name}`, 'data-field': name }, ...children);
  const symbolText = el('span', { class: 'symbol-name' });
  const venueText = el('span', { class: 'symbol-venue' });
  const stateLabel = el('span', { class: 'state-label' });
  const symbol = cell('symbol', el('span', { class: 'dot', 'aria-hidden': 'true' }), symbolText, venueText, stateLabel);
  const spark = createSparklineCanvas();
  const last = cell('last');
  const change = cell('change');
  const spread = cell('spread');
  const age = cell('age');
  const trend = cell('trend', spark.canvas);
  const element = el('div', { role: 'row', class: 'row', id }, symbol, trend, last, change, spread, age);
  let entry: WatchEntry | undefined;
  let price = none;
  let top = -1;

  const setSign = (of: HTMLElement, value: number): void =>
    setData(of, 'sign', value > 0 ? 'up' : value < 0 ? 'down' : 'flat');

  return {
    element,
    get entry() {
      return entry;
    },
    get price() {
      return price;
    },
    place(index, next, rowHeight) {
      if (top !== index * rowHeight) {
        top = index * rowHeight;
        element.style.transform = `translateY(${top}px)`;
      }
      // The header is the first row.
      setAttribute(element, 'aria-rowindex', String(index + 2));
      element.hidden = false;
      if (entry === next) return;
      entry = next;
      setText(symbolText, next.symbol);
      setText(venueText, next.venue);
    },
    hide() {
      element.hidden = true;
      entry = undefined;
    },
    paint({ now, text, palette, stateOf, link }) {
      if (entry === undefined) return;
      const { ticker, health } = entry;
      const state = stateOf(entry);
      setData(element, 'state', state);
      const isFlashing = state === 'live' && now - entry.movedAt < flashMs;
      setData(last, 'moved', isFlashing ? (entry.moved > 0 ? 'up' : 'down') : 'no');
      price = ticker === undefined ? none : text.price(ticker.last, entry.decimals);
      setText(last, price);
      setText(change, Number.isNaN(entry.changePercent) ? none : text.change(entry.changePercent));
      setSign(change, entry.changePercent);
      setText(spread, Number.isNaN(entry.spreadBasisPoints) ? none : text.basisPoints(entry.spreadBasisPoints));
      setText(age, Number.isNaN(entry.heardAtVenue) ? none : text.age(now - entry.heardAtVenue));
      setText(stateLabel, state === 'live' ? '' : state);
      const described = stateText(state, { ...link, health });
      setAttribute(symbol, 'title', described);
      spark.paint(entry.sparkline, state === 'live' ? palette.accent : palette.muted);
    },
  };
};
