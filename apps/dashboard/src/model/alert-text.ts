import type { Alert, AlertWish } from './alert.js';
import { decimalsOf, type NumberText } from './number-text.js';
import { horizonText } from './score-text.js';

/** What an alert waits for: `at or above 62,000.00`. */
export const alertCondition = ({ kind, price = '', horizonSeconds = 0 }: AlertWish, text: NumberText): string => {
  switch (kind) {
    case 'above':
      return `at or above ${text.price(price)}`;
    case 'below':
      return `at or below ${text.price(price)}`;
    case 'interval':
      return `leaves the 90% interval of ${horizonText(horizonSeconds)}`;
    case 'stale':
      return 'stale or down';
  }
};

/** What happened, as a sentence. */
export const alertNews = ({ firedPrice, ...alert }: Alert, text: NumberText): string => {
  const { kind, symbol } = alert;
  if (kind === 'stale') return `${symbol}: the price is not live any more`;
  const decimals = Math.max(decimalsOf(firedPrice ?? ''), decimalsOf(alert.price ?? ''));
  const price = firedPrice === undefined ? '' : ` ${text.price(firedPrice, decimals)}`;
  if (kind !== 'interval') return `${symbol}${price}: ${alertCondition(alert, text)}`;
  return `${symbol}${price}: outside of the 90% interval forecast ${horizonText(alert.horizonSeconds ?? 0)} ago`;
};

/** Its state, in a word or two. */
export const alertStanding = ({ state, kind }: Alert): string => {
  if (state === 'ready') return 'armed';
  if (state === 'fired') return 'fired';
  return kind === 'above' || kind === 'below' ? 'armed, waits for the price to be on the other side' : 'armed';
};
