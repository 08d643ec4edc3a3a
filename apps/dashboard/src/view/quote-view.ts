import type { NumberText } from '../model/number-text.js';
import { type PriceState, type StateReasons, stateText } from '../model/symbol-state.js';
import type { WatchEntry } from '../model/watch-entry.js';
import { byId, el, setData, setText } from './dom.js';

/** The chosen symbol's price and the figures of its day. */
export interface QuoteView {
  paint(moment: QuoteMoment): void;
}

export interface QuoteMoment {
  readonly venue: string;
  readonly symbol: string;
  readonly entry: WatchEntry | undefined;
  /** The newest trade's, which is ahead of the ticker's. */
  readonly price: string | undefined;
  readonly state: PriceState;
  readonly link: Omit<StateReasons, 'health'>;
  readonly now: number;
  readonly decimals: number;
  readonly text: NumberText;
}

const flashMs = 350;
const none = '–';

export const createQuoteView = (): QuoteView => {
  const name = byId('instrument-name');
  const venueText = byId('instrument-venue');
  const quote = byId('quote');
  const price = byId('quote-price');
  const facts = byId('quote-facts');
  const note = byId('chart-note');
  const fact = (label: string, field: string): HTMLElement => {
    const value = el('dd', { 'data-field': field }, none);
    facts.append(el('div', {}, el('dt', {}, label), value));
    return value;
  };
  const change = fact('24 h', 'change');
  const high = fact('High', 'high');
  const low = fact('Low', 'low');
  const volume = fact('Volume', 'volume');
  const spread = fact('Spread', 'spread');
  let shown: { key: string; price: number; movedAt: number; direction: 'up' | 'down' } | undefined;

  const paintPrice = (
    { price: latest, entry, now, text, decimals }: QuoteMoment,
    key: string,
    state: PriceState,
  ): void => {
    const value = latest ?? entry?.ticker?.last;
    setText(price, value === undefined ? '' : text.price(value, decimals));
    if (value === undefined) return;
    const number = Number(value);
    if (shown?.key !== key) shown = { key, price: number, movedAt: 0, direction: 'up' };
    if (number !== shown.price) {
      shown = { key, price: number, movedAt: now, direction: number > shown.price ? 'up' : 'down' };
    }
    setData(price, 'moved', state === 'live' && now - shown.movedAt < flashMs ? shown.direction : 'no');
  };

  return {
    paint(moment) {
      const { venue, symbol, entry, state, text, decimals } = moment;
      const { ticker } = entry ?? {};
      name.classList.remove('placeholder');
      setText(name, symbol);
      setData(quote, 'state', state);
      setText(venueText, `${venue} · ${state}`);
      const isTrusted = state === 'live' || state === 'waiting';
      const described = stateText(state, { ...moment.link, health: entry?.health });
      setText(note, isTrusted ? '' : `${described[0]?.toUpperCase()}${described.slice(1)}`);
      note.hidden = isTrusted;
      paintPrice(moment, `${venue}.${symbol}`, state);
      const percent = entry?.changePercent ?? Number.NaN;
      setText(change, Number.isNaN(percent) ? none : text.change(percent));
      setData(change, 'sign', percent > 0 ? 'up' : percent < 0 ? 'down' : 'flat');
      setText(high, ticker?.high24h === undefined ? none : text.price(ticker.high24h, decimals));
      setText(low, ticker?.low24h === undefined ? none : text.price(ticker.low24h, decimals));
      const base = symbol.split('-')[0] ?? '';
      setText(volume, ticker?.volume24h === undefined ? none : `${text.amount(Number(ticker.volume24h))} ${base}`);
      const basisPoints = entry?.spreadBasisPoints ?? Number.NaN;
      setText(spread, Number.isNaN(basisPoints) ? none : text.basisPoints(basisPoints));
    },
  };
};
