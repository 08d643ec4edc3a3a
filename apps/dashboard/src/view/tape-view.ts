import type { ClockText } from '../model/clock-text.js';
import type { NumberText } from '../model/number-text.js';
import type { TapeLine, TradeTape } from '../model/trade-tape.js';
import { byId, el, setAttribute, setText } from './dom.js';

export interface TapeView {
  /** `emptyText`: what is said where there are none. */
  paint(tape: TradeTape, decimals: number, emptyText: string): void;
}

export interface TapeOptions {
  readonly text: NumberText;
  readonly clock: ClockText;
  readonly onPause: () => void;
}

/** More are not seen without scrolling far. */
const maxRows = 60;
const rowHeight = 22;
/** Positions of lines grow: all are written again before they become too large to be exact. */
const maxPlace = 10_000;

/**
 * The newest trades, the newest on top. Lines are added and taken away; written again only for other digits. Each keeps
 * the place it got, and the list is moved down by a line for each: one change instead of sixty, and no layout.
 */
export const createTapeView = ({ text, clock, onPause }: TapeOptions): TapeView => {
  const container = byId('tape');
  const button = byId('trades-pause');
  const note = byId('trades-note');
  const list = el('ol', { class: 'tape-lines', 'aria-label': 'Newest trades' });
  const empty = el('p', { class: 'empty' });
  container.append(list, empty);
  setAttribute(container, 'tabindex', '0');
  setAttribute(container, 'role', 'group');
  setAttribute(container, 'aria-label', 'Tape');
  // Times are as long as the locale writes them, with AM and PM or without.
  container.style.setProperty('--time-width', `${clock.second(0).length + 1}ch`);
  button.addEventListener('click', onPause);
  let shown: TradeTape | undefined;
  let newest = 0;
  let digits = 0;
  /** Key of the line at place 0. */
  let origin = 0;
  let scrolledTo = 0;
  container.addEventListener(
    'scroll',
    () => {
      scrolledTo = container.scrollTop;
    },
    { passive: true },
  );

  /** A reader who has scrolled down keeps seeing the same lines. */
  const moveTo = (place: number, fresh: number): void => {
    list.style.transform = `translateY(${place * rowHeight}px)`;
    list.style.height = `${list.childElementCount * rowHeight}px`;
    if (scrolledTo > 0 && fresh < maxRows) container.scrollTop = scrolledTo + fresh * rowHeight;
  };

  const line = ({ key, ts, price, size, side, weight }: TapeLine, decimals: number): HTMLElement => {
    const bar = el('i', { 'aria-hidden': 'true' });
    bar.style.width = `${(weight * 100).toFixed(1)}%`;
    const item = el(
      'li',
      { 'data-side': side },
      bar,
      el('span', { class: 'tape-time' }, clock.second(ts)),
      el('span', { class: 'tape-price' }, text.price(price, decimals)),
      el('span', { class: 'tape-size' }, text.amount(Number(size))),
      el('span', { class: 'visually-hidden' }, side === 'buy' ? 'bought' : 'sold'),
    );
    item.style.transform = `translateY(${(origin - key) * rowHeight}px)`;
    return item;
  };

  return {
    paint(tape, decimals, emptyText) {
      setText(empty, emptyText);
      const last = tape.lines[0]?.key ?? newest;
      if (tape !== shown || decimals !== digits || last - origin > maxPlace) {
        shown = tape;
        digits = decimals;
        newest = 0;
        origin = last;
        list.replaceChildren();
      }
      const fresh = tape.lines.slice(0, maxRows).filter(({ key }) => key > newest);
      newest = last;
      if (fresh.length > 0) list.prepend(...fresh.map((entry) => line(entry, decimals)));
      while (list.childElementCount > maxRows) list.lastElementChild?.remove();
      if (tape.lines.length === 0 && list.childElementCount > 0) list.replaceChildren();
      if (fresh.length > 0) moveTo(newest - origin, fresh.length);
      empty.hidden = list.childElementCount > 0;
      setAttribute(button, 'aria-pressed', String(tape.isPaused));
      setText(button, tape.isPaused ? 'Resume' : 'Pause');
      setText(note, tape.isPaused ? `paused, ${text.count(tape.held)} new` : '');
    },
  };
};
