import type { NumberText } from '../model/number-text.js';
import { type PriceState, type StateReasons, stateText } from '../model/symbol-state.js';
import type { WatchEntry } from '../model/watch-entry.js';
import { el, setAttribute, setData, setText } from './dom.js';
import { createSparklineCanvas } from './sparkline-canvas.js';
import type { Palette } from './theme.js';

/** The state of the page at this paint. */
export interface WatchMoment {
  readonly now: number;
  readonly text: NumberText;
  readonly palette: Palette;
  readonly stateOf: (entry: WatchEntry) => PriceState;
  readonly link: Omit<StateReasons, 'health'>;
}

/** One of the few rows in the document: it shows the entry that is scrolled to its place. */
export interface WatchRow {
  readonly element: HTMLElement;
  readonly entry: WatchEntry | undefined;
  /** The price and the absolute change as they are shown. */
  readonly price: string;
  readonly move: string;
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
  const move = cell('move');
  const volume = cell('volume');
  const spread = cell('spread');
  const age = cell('age');
  const trend = cell('trend', spark.canvas);
  // Not a stop of its own for Tab: `f` does the same on the row that arrow keys are at.
  const star = el('button', { type: 'button', class: 'star-button', tabindex: '-1' }, '☆');
  const cells = [cell('star', star), symbol, trend, last, change, move, volume, spread, age];
  const element = el('div', { role: 'row', class: 'row', id }, ...cells);
  let entry: WatchEntry | undefined;
  let price = none;
  let moved = none;
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
    get move() {
      return moved;
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
      moved = Number.isNaN(entry.move) ? none : text.move(entry.move, entry.decimals);
      setText(move, moved);
      setSign(move, entry.move);
      const isInDollars = !Number.isNaN(entry.dollarVolume);
      const amount = isInDollars ? entry.dollarVolume : entry.quoteVolume;
      setText(volume, Number.isNaN(amount) ? none : text.amount(amount));
      setData(volume, 'currency', isInDollars || Number.isNaN(amount) ? 'dollars' : 'own');
      setAttribute(
        volume,
        'title',
        isInDollars ? '' : `In the currency of ${entry.symbol}: no price in dollars is known`,
      );
      setText(star, entry.isFavourite ? '★' : '☆');
      setAttribute(star, 'aria-pressed', String(entry.isFavourite));
      setAttribute(star, 'aria-label', `Favourite: ${entry.symbol} at ${entry.venue}`);
      setText(spread, Number.isNaN(entry.spreadBasisPoints) ? none : text.basisPoints(entry.spreadBasisPoints));
      setText(age, Number.isNaN(entry.heardAtVenue) ? none : text.age(now - entry.heardAtVenue));
      setText(stateLabel, state === 'live' ? '' : state);
      const described = stateText(state, { ...link, health });
      setAttribute(symbol, 'title', described);
      spark.paint(entry.sparkline, state === 'live' ? palette.accent : palette.muted);
    },
  };
};
