import { MarketError } from '../errors.js';
import { badField, type Fields, isFields } from './wire-fields.js';

/** Told of an entry that was left out, and why. */
export type OnBadEntry = (reason: string) => void;

/**
 * Reads each entry of a list for itself: one that is not as it should be costs itself, and not its neighbours. What is
 * none of our business gives undefined.
 * @throws MarketError `bad-frame` for what is not a list
 */
export const readEach = <Entry>(
  list: unknown,
  read: (entry: Fields) => Entry | undefined,
  onBadEntry: OnBadEntry,
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
      onBadEntry(error.message);
    }
  }
  return found;
};
