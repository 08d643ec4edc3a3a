import { earliestMs } from '../absurd-times.js';
import { expandExponent, isDecimal, isPrice } from '../decimal/decimal.js';
import { MarketError } from '../errors.js';

/** A JSON object from a venue, before its fields are checked. */
export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

/** @throws MarketError `bad-frame` */
export const textField = (data: Fields, key: string): string => {
  const value = data[key];
  if (typeof value !== 'string') throw badField(`text ${key}`, value);
  return value;
};

/** Any decimal; an exponent is written out. @throws MarketError `bad-frame` */
export const decimalField = (data: Fields, key: string): string => {
  const value = data[key];
  if (typeof value === 'string') {
    if (isDecimal(value)) return value;
    try {
      return expandExponent(value);
    } catch {
      // reported below with the name of the field
    }
  }
  throw badField(`decimal ${key}`, value);
};

/** A volume or another number that may be zero. @throws MarketError `bad-frame` */
export const amountField = (data: Fields, key: string): string => {
  const value = decimalField(data, key);
  if (value.startsWith('-')) throw badField(`amount ${key}`, value);
  return value;
};

/** A price or size of a trade. @throws MarketError `bad-frame` */
export const positiveField = (data: Fields, key: string): string => {
  const value = decimalField(data, key);
  if (!isPrice(value)) throw badField(`positive ${key}`, value);
  return value;
};

/** A price, or undefined if the venue writes zero for "none". @throws MarketError `bad-frame` */
export const priceOrNone = (data: Fields, key: string): string | undefined => {
  const value = amountField(data, key);
  return isPrice(value) ? value : undefined;
};

/** The best bid; empty if that side of the book is empty. @throws MarketError `bad-frame` */
export const bidSide = (data: Fields, priceKey: string, sizeKey: string): { bid?: string; bidSize?: string } => {
  const bid = priceOrNone(data, priceKey);
  const bidSize = priceOrNone(data, sizeKey);
  return bid === undefined || bidSize === undefined ? {} : { bid, bidSize };
};

export const askSide = (data: Fields, priceKey: string, sizeKey: string): { ask?: string; askSize?: string } => {
  const ask = priceOrNone(data, priceKey);
  const askSize = priceOrNone(data, sizeKey);
  return ask === undefined || askSize === undefined ? {} : { ask, askSize };
};

/** Without the fields that are undefined. */
export const present = <Key extends string>(
  fields: Readonly<Record<Key, string | undefined>>,
): { readonly [Name in Key]?: string } => {
  const found: { [Name in Key]?: string } = {};
  for (const key in fields) if (fields[key] !== undefined) found[key] = fields[key];
  return found;
};

/** Decimals of the step between two prices or sizes: `0.0100` has 2. Undefined for anything but a step. */
export const decimalsOfStep = (step: unknown): number | undefined => {
  if (typeof step !== 'string' || !isPrice(step)) return undefined;
  return (step.split('.')[1] ?? '').replace(/0+$/, '').length;
};

/** A sequence number as a number or as digits; kept as digits. @throws MarketError `bad-frame` */
export const idField = (data: Fields, key: string): string => {
  const value = data[key];
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string' || !/^\d{1,16}$/.test(text) || !Number.isSafeInteger(Number(text)))
    throw badField(`whole number ${key}`, value);
  return text;
};

/** Later than any time in milliseconds; microseconds read as milliseconds are the year 54,000. */
const latestMs = 1e14;

/** A time in milliseconds in which a venue can have traded. @throws MarketError `bad-frame` */
export const timeField = (data: Fields, key: string): number => {
  const value = data[key];
  const time = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  if (!Number.isSafeInteger(time) || (time as number) < earliestMs || (time as number) > latestMs)
    throw badField(`time in ms ${key}`, value);
  return time as number;
};

/**
 * A time as Coinbase and Kraken write it; digits finer than milliseconds are cut off. @throws MarketError `bad-frame`
 */
export const isoTimeField = (data: Fields, key: string): number => {
  const value = data[key];
  const time = typeof value === 'string' && isoTime.test(value) ? Date.parse(value) : Number.NaN;
  if (!(time >= earliestMs)) throw badField(`time ${key}`, value);
  return time;
};

const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;

export const badField = (expected: string, got: unknown): MarketError =>
  new MarketError('bad-frame', `expected ${expected}, got ${JSON.stringify(got)?.slice(0, 60)}`);
