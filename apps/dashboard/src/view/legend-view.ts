import type { Candle } from '../model/candle-series.js';
import type { ClockText } from '../model/clock-text.js';
import type { NumberText } from '../model/number-text.js';
import { byId, el, setData, setText } from './dom.js';

/** The values of the candle under the crosshair, or of the last one. */
export interface LegendView {
  paint(candle: Candle | undefined, decimals: number, intervalMs: number): void;
  /** The same as a sentence. */
  spoken(candle: Candle, decimals: number, intervalMs: number): string;
}

export const createLegendView = (text: NumberText, clock: ClockText): LegendView => {
  const container = byId('legend');
  const part = (label: string): HTMLElement => {
    const value = el('b', {});
    container.append(el('span', {}, label, ' ', value));
    return value;
  };
  const time = el('span', { class: 'legend-time' });
  container.append(time);
  const open = part('O');
  const high = part('H');
  const low = part('L');
  const close = part('C');
  const volume = part('V');
  const note = el('span', { class: 'legend-note' });
  container.append(note);
  const price = (value: number, decimals: number): string => text.price(value.toFixed(decimals), decimals);

  return {
    paint(candle, decimals, intervalMs) {
      setData(container, 'empty', String(candle === undefined));
      if (candle === undefined) return;
      setText(time, clock.candle(candle.start, intervalMs));
      setText(open, price(candle.open, decimals));
      setText(high, price(candle.high, decimals));
      setText(low, price(candle.low, decimals));
      setText(close, price(candle.close, decimals));
      setText(volume, text.amount(candle.volume));
      setData(container, 'sign', candle.close >= candle.open ? 'up' : 'down');
      setText(note, candle.isIncomplete ? 'trades missing' : '');
    },
    spoken: (candle, decimals, intervalMs) =>
      `${clock.candle(candle.start, intervalMs)}: open ${price(candle.open, decimals)}, high ${price(candle.high, decimals)}, ` +
      `low ${price(candle.low, decimals)}, close ${price(candle.close, decimals)}, volume ${text.amount(candle.volume)}`,
  };
};
