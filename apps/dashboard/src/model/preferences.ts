import { type BarInterval, barIntervals } from '@tickwire/protocol';
import { type SortKey, type SortOrder, sortKeys } from './watch-order.js';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

/** The viewer's choices, kept between visits. */
export interface Preferences {
  readonly theme: Theme;
  readonly venue: string;
  readonly symbol: string;
  readonly interval: BarInterval;
  readonly sort: SortKey;
  readonly order: SortOrder;
  readonly filter: string;
  /** `<venue>.<symbol>` */
  readonly favourites: readonly string[];
  /** Seconds ahead, by the interval of the candles. */
  readonly horizon: Readonly<Partial<Record<BarInterval, number>>>;
  /** Whether an alert that fires makes a sound. */
  readonly sound: boolean;
  readonly notify: boolean;
}

export interface PreferenceStore {
  readonly value: Preferences;
  /** Saves what changed; the rest stays as other tabs saved it. */
  set(change: Partial<Preferences>): void;
  /** Another tab saved this: favourites are those of all tabs, other choices stay this tab's own. */
  hear(saved: string | null): void;
}

export const storageKey = 'tickwire';

export const defaultPreferences: Preferences = {
  theme: 'system',
  venue: '',
  symbol: '',
  interval: '1m',
  sort: 'volume',
  order: 'descending',
  filter: '',
  favourites: [],
  horizon: { '1s': 60, '1m': 900 },
  sound: false,
  notify: false,
};

type Storage = Pick<globalThis.Storage, 'getItem' | 'setItem'>;

/** When storage fails (as in private windows), choices are lost and the page works. */
export const createPreferenceStore = (storage: Storage | undefined): PreferenceStore => {
  let value = read(storage);
  return {
    get value() {
      return value;
    },
    set(change) {
      value = { ...value, ...change };
      try {
        storage?.setItem(storageKey, JSON.stringify({ ...read(storage), ...change }));
      } catch {
        // Full, or not allowed.
      }
    },
    hear(saved) {
      value = { ...value, favourites: parse(saved).favourites };
    },
  };
};

const read = (storage: Storage | undefined): Preferences => {
  try {
    return parse(storage?.getItem(storageKey) ?? null);
  } catch {
    return defaultPreferences;
  }
};

const parse = (text: string | null): Preferences => {
  try {
    const saved: unknown = JSON.parse(text ?? '{}');
    if (typeof saved !== 'object' || saved === null) return defaultPreferences;
    return { ...defaultPreferences, ...usable(saved as Record<string, unknown>) };
  } catch {
    return defaultPreferences;
  }
};

export const maxFavourites = 500;

type Checks = { readonly [Key in keyof Preferences]: (value: unknown) => value is Preferences[Key] };

const isFlag = (value: unknown): value is boolean => typeof value === 'boolean';
const isText = (value: unknown): value is string => typeof value === 'string';
const isOneOf =
  <Value extends string>(values: readonly Value[]) =>
  (value: unknown): value is Value =>
    values.includes(value as Value);
const isSeconds = (value: unknown): boolean => typeof value === 'number' && value > 0;

const checks: Checks = {
  theme: isOneOf(themes),
  venue: isText,
  symbol: isText,
  interval: isOneOf(barIntervals),
  sort: isOneOf(sortKeys),
  order: isOneOf(['ascending', 'descending']),
  filter: isText,
  favourites: (value): value is readonly string[] =>
    Array.isArray(value) && value.length <= maxFavourites && value.every(isText),
  horizon: (value): value is Preferences['horizon'] =>
    typeof value === 'object' && value !== null && Object.values(value).every(isSeconds),
  sound: isFlag,
  notify: isFlag,
};

/** The part of saved preferences, perhaps of an older or newer page, that still fits. */
const usable = (saved: Record<string, unknown>): Partial<Preferences> =>
  Object.fromEntries(Object.entries(checks).flatMap(([key, check]) => (check(saved[key]) ? [[key, saved[key]]] : [])));
