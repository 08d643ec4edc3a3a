/** A message that cannot be mapped to Binance's form: fields missing or malformed. It is counted and left out. */
export class UnmappableMessage extends Error {
  override readonly name = 'UnmappableMessage';
  readonly code = 'UNMAPPABLE_MESSAGE';
}

export type TimeUnit = 'ms' | 'us';

/** As clients name them, in any case; undefined for another. */
export const timeUnitOf = (name: string | undefined): TimeUnit | undefined => {
  const upper = (name ?? 'MILLISECOND').toUpperCase();
  if (upper === 'MILLISECOND') return 'ms';
  return upper === 'MICROSECOND' ? 'us' : undefined;
};
export type Fields = Readonly<Record<string, unknown>>;

/** A text of this form needs no escaping in JSON: payloads are put together without another pass over it. */
const decimalForm = /^-?\d+(\.\d+)?$/;
/** Far more digits than prices have; what is counted with must be short. */
const maxDecimalLength = 100;
/** An id that fits into a JSON number and into 64-bit integers of a reader. */
const idForm = /^(0|[1-9]\d{0,17})$/;

/** @throws UnmappableMessage */
export const decimal = (fields: Fields, key: string): string => {
  const value = fields[key];
  if (isDecimal(value)) return value;
  throw new UnmappableMessage(`${key} is not a decimal string`);
};

/** `fallback` is for where the message has no such field. */
export const decimalOr = <T>(fields: Fields, key: string, fallback: T): string | T => {
  const value = fields[key];
  return isDecimal(value) ? value : fallback;
};

/** A time of the message as JSON text, in the unit asked for. @throws UnmappableMessage */
export const time = (fields: Fields, key: string, unit: TimeUnit): string => timeText(wholeNumber(fields, key), unit);

export const timeIn = (atMs: number, unit: TimeUnit): number => (unit === 'us' ? atMs * 1_000 : atMs);
/** The last moment before. */
export const timeBefore = (endMs: number, unit: TimeUnit): number => timeIn(endMs, unit) - 1;

export const timeText = (atMs: number, unit: TimeUnit): string => (unit === 'us' ? `${atMs}000` : `${atMs}`);

/** @throws UnmappableMessage */
export const wholeNumber = (fields: Fields, key: string): number => {
  const value = fields[key];
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new UnmappableMessage(`${key} is not a whole number`);
};

/** When it was published; a message of another writer may not say, then when it happened. @throws UnmappableMessage */
export const eventTime = (fields: Fields, unit: TimeUnit): string => timeText(eventMs(fields), unit);

const eventMs = (fields: Fields): number => wholeNumber(fields, fields['pts'] === undefined ? 'ts' : 'pts');

/** So many that ids have 15 digits: some clients hold longer ones for text. */
const idsAMillisecond = 100;

/**
 * A number of this state of the book, the same on every gateway. It grows with the time of publishing, also where
 * positions begin anew, and with the position within a millisecond. @throws UnmappableMessage
 */
export const updateId = (fields: Fields): number => {
  const seq = fields['seq'];
  return eventMs(fields) * idsAMillisecond + (typeof seq === 'number' ? Math.abs(seq) % idsAMillisecond : 0);
};

/**
 * The venue's trade id where it is a number, as Binance's are. Where it is not (Bybit has UUIDs) the position, which
 * is one and has no holes either.
 * @throws UnmappableMessage
 */
export const tradeId = (fields: Fields): string => {
  const id = fields['id'];
  return typeof id === 'string' && idForm.test(id) ? id : String(wholeNumber(fields, 'seq'));
};

/** Whether the buyer was the maker, which is to say that the taker sold. @throws UnmappableMessage */
export const isBuyerMaker = (fields: Fields): boolean => {
  const side = fields['side'];
  if (side !== 'buy' && side !== 'sell') throw new UnmappableMessage('side is neither buy nor sell');
  return side === 'sell';
};

const isDecimal = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= maxDecimalLength && decimalForm.test(value);
