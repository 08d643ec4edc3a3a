import { type BarInterval, barIntervals } from '@tickwire/protocol';
import type { SavedText } from './saved-text.js';
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
  /** Calls the listener when another tab has changed the favourites; other choices stay this tab's own. */
  onFavourites(listener: () => void): void;
}

export const preferencesKey = 'tickwire';

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

export const createPreferenceStore = (saved: SavedText): PreferenceStore => {
  let value = parse(saved.read());
  return {
    get value() {
      return value;
    },
    set(change) {
      value = { ...value, ...change };
      saved.write(JSON.stringify({ ...parse(saved.read()), ...change }));
    },
    onFavourites(listener) {
      saved.onChange((text) => {
        value = { ...value, favourites: parse(text).favourites };
        listener();
      });
    },
  };
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
