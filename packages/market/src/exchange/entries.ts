import { MarketError } from '../errors.js';
import { badField, type Fields, isFields } from './wire-fields.js';

/** Called for an entry that was left out, with the reason. */
export type OnBadEntry = (reason: string) => void;

/**
 * Reads each entry of a list by itself: a bad entry does not affect its neighbours. An irrelevant entry gives
 * undefined.
 * @throws MarketError `bad-frame` for anything but a list
 */
export const readEach = <Entry>(
  list: unknown,
  read: (entry: Fields) => Entry | undefined,
  onBadEntry: (reason: string, entry: unknown) => void,
): Entry[] => {
  if (!Array.isArray(list)) throw badField('a list', list);
  const found: Entry[] = [];
  for (const entry of list) {
    try {
      if (!isFields(entry)) throw badField('an entry', entry);
      const value = read(entry);
      if (value !== undefined) found.push(value);
    } catch (error) {
      if (!(error instanceof MarketError)) throw error;
      onBadEntry(error.message, entry);
    }
  }
  return found;
};

export interface LostTrade {
  readonly symbol: string;
  readonly id: string;
}

/** A frame of trades of which only the ids can be used. */
export class LostTrades extends MarketError {
  readonly lost: readonly LostTrade[];

  constructor(reason: string, lost: readonly LostTrade[]) {
    super('bad-frame', reason);
    this.lost = lost;
  }
}

/** The error for a trade that could not be read: its id, if readable, says where a trade is missing. */
export const lostTrade = (error: unknown, symbol: string, id: unknown): unknown =>
  error instanceof MarketError && /^\d{1,15}$/.test(String(id))
    ? new LostTrades(error.message, [{ symbol, id: String(id) }])
    : error;
