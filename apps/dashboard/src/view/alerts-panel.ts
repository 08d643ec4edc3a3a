import { type Alert, type AlertKind, type AlertWish, alertKey } from '../model/alert.js';
import { alertCondition, alertStanding } from '../model/alert-text.js';
import type { ClockText } from '../model/clock-text.js';
import type { NumberText } from '../model/number-text.js';
import { horizonText } from '../model/score-text.js';
import { parseTypedPrice } from '../model/typed-number.js';
import { byId, el, setText } from './dom.js';

export interface AlertsPanelOptions {
  readonly text: NumberText;
  readonly clock: ClockText;
  readonly locales: readonly string[];
  /** What the page shows: new alerts are about it. */
  readonly chosen: () => ChosenMarket | undefined;
  /** False where there are too many. */
  readonly onAdd: (wish: AlertWish) => boolean;
  readonly onRemove: (key: string) => void;
  readonly onRearm: (key: string) => void;
}

export interface ChosenMarket {
  readonly venue: string;
  readonly symbol: string;
  readonly price: string | undefined;
  readonly horizonSeconds: number;
}

export interface AlertsPanel {
  paint(alerts: readonly Alert[]): void;
}

/** The list of alerts, and the form that makes them. */
export const createAlertsPanel = (options: AlertsPanelOptions): AlertsPanel => {
  const { text, clock, locales, chosen, onAdd } = options;
  const panel = byId('alerts');
  const kind = byId<HTMLSelectElement>('alert-kind');
  const price = byId<HTMLInputElement>('alert-price');
  const note = byId('alert-form-note');
  const list = byId('alert-list');
  const badge = byId('alerts-badge');
  let shown: readonly Alert[] | undefined;

  const kinds: readonly (readonly [AlertKind, string])[] = [
    ['above', 'At or above'],
    ['below', 'At or below'],
    ['interval', 'Leaves the 90% interval'],
    ['stale', 'Not live any more'],
  ];
  kind.append(...kinds.map(([value, label]) => el('option', { value }, label)));
  const intervalOption = kind.options[2];

  const hasPrice = (): boolean => kind.value === 'above' || kind.value === 'below';
  const showForm = (): void => {
    const market = chosen();
    price.hidden = !hasPrice();
    setText(byId('alerts-note'), market === undefined ? '' : `for ${market.symbol} at ${market.venue}`);
    if (intervalOption && market)
      setText(intervalOption, `Leaves the 90% interval of ${horizonText(market.horizonSeconds)}`);
  };
  panel.addEventListener('toggle', () => {
    const latest = chosen()?.price;
    if (latest !== undefined) price.value = text.price(latest);
    setText(note, '');
    showForm();
  });
  kind.addEventListener('change', showForm);

  byId<HTMLFormElement>('alert-form').addEventListener('submit', (event) => {
    event.preventDefault();
    const market = chosen();
    if (market === undefined) return void setText(note, 'Choose a market first.');
    const { venue, symbol, horizonSeconds } = market;
    const wanted = kinds.find(([value]) => value === kind.value)?.[0] ?? 'above';
    const typed = parseTypedPrice(price.value, locales);
    if (hasPrice() && typed === undefined) return void setText(note, 'That is not a price.');
    const isAdded = onAdd({
      kind: wanted,
      venue,
      symbol,
      ...(hasPrice() && typed !== undefined && { price: typed }),
      ...(wanted === 'interval' && { horizonSeconds }),
    });
    setText(note, isAdded ? '' : 'That are too many alerts: remove one first.');
  });

  const item = (alert: Alert): HTMLElement => {
    const key = alertKey(alert);
    const condition = alertCondition(alert, text);
    const act = (label: string, run: (key: string) => void): HTMLElement => {
      const name = `${label}: ${alert.symbol} ${condition}`;
      const button = el('button', { type: 'button', class: 'button', 'aria-label': name }, label);
      button.addEventListener('click', () => run(key));
      return button;
    };
    const when = alert.firedAt === undefined ? '' : ` at ${clock.full(alert.firedAt)}`;
    return el(
      'li',
      { 'data-state': alert.state },
      el('p', { class: 'alert-what' }, el('b', {}, alert.symbol), ' ', el('small', {}, alert.venue), ` ${condition}`),
      el('span', { class: 'alert-standing' }, `${alertStanding(alert)}${when}`),
      ...(alert.state === 'fired' ? [act('Arm again', options.onRearm)] : []),
      act('Remove', options.onRemove),
    );
  };

  return {
    paint(alerts) {
      if (alerts === shown) return;
      shown = alerts;
      list.replaceChildren(...alerts.map(item));
      byId('alert-empty').hidden = alerts.length > 0;
      badge.hidden = alerts.length === 0;
      setText(badge, String(alerts.length));
    },
  };
};
