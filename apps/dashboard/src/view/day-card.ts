import type { NumberText } from '../model/number-text.js';
import type { PriceState } from '../model/symbol-state.js';
import type { WatchEntry } from '../model/watch-entry.js';
import { byId, el, setAttribute, setData, setText } from './dom.js';

/** Best bid and ask with their sizes, and the range and volume of 24 hours. */
export interface DayCard {
  paint(moment: DayMoment): void;
}

export interface DayMoment {
  readonly entry: WatchEntry | undefined;
  readonly symbol: string;
  /** Bid and ask that are not of now are marked, as their price is. */
  readonly state: PriceState;
  readonly decimals: number;
  readonly text: NumberText;
}

const none = '–';

export const createDayCard = (): DayCard => {
  const body = byId('day-body');
  // It scrolls on a low screen, by keyboard too.
  setAttribute(byId('panel-day'), 'tabindex', '0');
  const side = (name: string, label: string) => {
    const price = el('b', { 'data-field': name }, none);
    const size = el('span', { class: 'side-size', 'data-field': `${name}-size` }, none);
    return { price, size, element: el('p', { class: `side side-${name}` }, el('span', {}, label), price, size) };
  };
  const bid = side('bid', 'Bid');
  const ask = side('ask', 'Ask');
  const balance = el('i', { class: 'balance-bid' });
  const scale = el('div', { class: 'balance', 'aria-hidden': 'true', 'data-known': 'no' }, balance);
  const pin = el('i', { class: 'pin' });
  const low = el('span', { 'data-field': 'day-low' });
  const high = el('span', { 'data-field': 'day-high' });
  const list = el('dl', { class: 'facts' });
  const fact = (label: string, field: string): HTMLElement => {
    const value = el('dd', { 'data-field': field }, none);
    list.append(el('div', {}, el('dt', {}, label), value));
    return value;
  };
  const spread = fact('Spread', 'day-spread');
  const volume = fact('24 h volume', 'day-volume');
  const quoteVolume = fact('In quote currency', 'day-quote-volume');
  const average = fact('24 h average price', 'day-average');
  body.append(
    el('div', { class: 'sides' }, bid.element, ask.element),
    scale,
    el('p', { class: 'lead' }, '24 h range'),
    el('div', { class: 'ladder day-range', 'aria-hidden': 'true' }, el('i', { class: 'day-track' }), pin),
    el('p', { class: 'ladder-ends' }, low, high),
    list,
  );

  return {
    paint({ entry, symbol, state, decimals, text }) {
      setData(body, 'state', state);
      const { ticker } = entry ?? {};
      const [base = '', quote = ''] = symbol.split('-');
      const price = (value: string | undefined): string => (value === undefined ? none : text.price(value, decimals));
      const amount = (value: string | undefined, unit: string): string =>
        value === undefined ? none : `${text.amount(Number(value))} ${unit}`;
      setText(bid.price, price(ticker?.bid));
      setText(ask.price, price(ticker?.ask));
      setText(bid.size, amount(ticker?.bidSize, base));
      setText(ask.size, amount(ticker?.askSize, base));
      const [bids, asks] = [Number(ticker?.bidSize ?? 0), Number(ticker?.askSize ?? 0)];
      setData(scale, 'known', bids + asks > 0 ? 'yes' : 'no');
      balance.style.width = `${bids + asks > 0 ? ((bids / (bids + asks)) * 100).toFixed(1) : 50}%`;
      const [from, to] = [Number(ticker?.low24h), Number(ticker?.high24h)];
      const share = (Number(ticker?.last) - from) / (to - from);
      pin.hidden = !Number.isFinite(share);
      pin.style.left = `${(Math.min(1, Math.max(0, share)) * 100).toFixed(2)}%`;
      setText(low, price(ticker?.low24h));
      setText(high, price(ticker?.high24h));
      const difference = Number(ticker?.ask) - Number(ticker?.bid);
      const points = entry?.spreadBasisPoints ?? Number.NaN;
      setText(
        spread,
        Number.isNaN(points)
          ? none
          : `${text.price(difference.toFixed(decimals), decimals)} · ${text.basisPoints(points)}`,
      );
      setText(volume, amount(ticker?.volume24h, base));
      setText(quoteVolume, amount(ticker?.quoteVolume24h, quote));
      setText(average, ticker?.vwap24h === undefined ? none : price(Number(ticker.vwap24h).toFixed(decimals)));
    },
  };
};
