import type { Forecast } from '@tickwire/protocol';
import type { NumberText } from '../model/number-text.js';
import { horizonText } from '../model/score-text.js';
import { el, setData, setText } from './dom.js';

/** All horizons of a forecast beside each other, with how each has done. */
export interface HorizonTable {
  readonly element: HTMLElement;
  paint(forecast: Forecast, chosenSeconds: number, decimals: number, text: NumberText): void;
}

interface Row {
  readonly element: HTMLElement;
  readonly ahead: HTMLElement;
  readonly interval: HTMLElement;
  readonly held: HTMLElement;
}

const none = '–';

export const createHorizonTable = (): HorizonTable => {
  const body = el('tbody', {});
  const heads = ['Ahead', '90% interval', 'Held'].map((label) => el('th', { scope: 'col' }, label));
  const element = el('table', { class: 'horizons' }, el('thead', {}, el('tr', {}, ...heads)), body);
  const rows: Row[] = [];

  const rowAt = (index: number): Row => {
    const known = rows[index];
    if (known !== undefined) return known;
    const ahead = el('th', { scope: 'row' });
    const [interval, held] = [el('td', {}), el('td', {})];
    const row = { element: el('tr', {}, ahead, interval, held), ahead, interval, held };
    rows.push(row);
    body.append(row.element);
    return row;
  };

  return {
    element,
    paint({ horizons }, chosenSeconds, decimals, text) {
      const price = (value: string): string => text.price(Number(value).toFixed(decimals), decimals);
      for (const [index, { seconds, levels, scores }] of horizons.entries()) {
        const row = rowAt(index);
        setData(row.element, 'chosen', String(seconds === chosenSeconds));
        setText(row.ahead, horizonText(seconds));
        setText(row.interval, `${price(levels[90][0])} – ${price(levels[90][1])}`);
        setText(row.held, scores.coverage90 === null ? none : text.share(scores.coverage90));
      }
      for (const [index, { element: row }] of rows.entries()) row.hidden = index >= horizons.length;
    },
  };
};
