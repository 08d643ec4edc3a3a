import { MarketError } from '../errors.js';

const plain = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;
const scientific = /^(-?)(\d+)(?:\.(\d+))?[eE]([+-]?\d{1,3})$/;
const maxDigits = 64;

/** A number as messages carry it: digits, at most one point with digits on both sides, no exponent, no leading zeros. */
export const isDecimal = (text: string): boolean => text.length <= maxDigits && plain.test(text);

/**
 * A price or the size of a trade: a decimal above zero. Venues write zero for "none", and files hold zeros and negative
 * numbers after errors. Every reader of prices checks this.
 */
export const isPrice = (text: string): boolean => isDecimal(text) && !text.startsWith('-') && /[1-9]/.test(text);

/**
 * Writes a number without its exponent, digit for digit: `3.844E-5` becomes `0.00003844`. A number without an exponent
 * is returned unchanged, with trailing zeros.
 * @throws MarketError `bad-decimal` for anything else, and for a result of more than 64 characters
 */
export const expandExponent = (text: string): string => {
  if (isDecimal(text)) return text;
  const match = scientific.exec(text);
  if (!match) throw badDecimal(text);
  const [, sign = '', whole = '', fraction = '', exponent = ''] = match;
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  if (point > maxDigits || digits.length - point > maxDigits) throw badDecimal(text);
  const left = (point > 0 ? digits.slice(0, point).padEnd(point, '0') : '').replace(/^0+(?=\d)/, '') || '0';
  const right = point >= 0 ? digits.slice(point) : '0'.repeat(-point) + digits;
  const expanded = `${sign}${left}${right === '' ? '' : `.${right}`}`;
  if (!isDecimal(expanded)) throw badDecimal(text);
  return expanded;
};

const badDecimal = (text: string): MarketError =>
  new MarketError('bad-decimal', `expected a decimal number, got ${JSON.stringify(text.slice(0, 80))}`);

const zeros = '0'.repeat(32);

/**
 * A whole number of `10^-decimals` as a decimal string with exactly that many decimals: `(6183763, 2)` is `61837.63`.
 * For non-negative safe integers, which JavaScript prints without an exponent.
 */
export const formatScaled = (units: number, decimals: number): string => {
  const digits = String(units);
  if (decimals === 0) return digits;
  const padded = digits.length > decimals ? digits : zeros.slice(0, decimals + 1 - digits.length) + digits;
  const point = padded.length - decimals;
  return `${padded.slice(0, point)}.${padded.slice(point)}`;
};
