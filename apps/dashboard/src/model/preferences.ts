import type { BarInterval } from '@tickwire/protocol';
import type { SortKey, SortOrder } from './watch-order.js';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

/** What a viewer chose, kept between visits. */
export interface Preferences {
  readonly theme: Theme;
  readonly venue: string;
  readonly symbol: string;
  readonly interval: BarInterval;
  readonly sort: SortKey;
  readonly order: SortOrder;
  readonly filter: string;
  /** Seconds ahead, by the interval of the candles. */
  readonly horizon: Readonly<Record<BarInterval, number>>;
}

export interface PreferenceStore {
  readonly value: Preferences;
  set(change: Partial<Preferences>): void;
}

export const storageKey = 'tickwire';

export const defaultPreferences: Preferences = {
  theme: 'system',
  venue: '',
  symbol: '',
  interval: '1s',
  sort: 'symbol',
  order: 'ascending',
  filter: '',
  horizon: { '1s': 60, '1m': 900 },
};

type Storage = Pick<globalThis.Storage, 'getItem' | 'setItem'>;

/** Storage that refuses (private windows do) costs the memory, not the page. */
export const createPreferenceStore = (storage: Storage | undefined): PreferenceStore => {
  let value = read(storage);
  return {
    get value() {
      return value;
    },
    set(change) {
      value = { ...value, ...change };
      try {
        storage?.setItem(storageKey, JSON.stringify(value));
      } catch {
        // Full, or refused.
      }
    },
  };
};

const read = (storage: Storage | undefined): Preferences => {
  try {
    const saved: unknown = JSON.parse(storage?.getItem(storageKey) ?? '{}');
    if (typeof saved !== 'object' || saved === null) return defaultPreferences;
    return { ...defaultPreferences, ...usable(saved as Record<string, unknown>) };
  } catch {
    return defaultPreferences;
  }
};

/** Of what an older or newer page saved, what still fits. */
const usable = (saved: Record<string, unknown>): Partial<Preferences> => {
  const kept: Record<string, unknown> = {};
  for (const [key, fallback] of Object.entries(defaultPreferences)) {
    const value = saved[key];
    if (typeof value === typeof fallback && typeof value === 'string') kept[key] = value;
  }
  if (!themes.includes(kept['theme'] as Theme)) delete kept['theme'];
  if (kept['interval'] !== '1m') delete kept['interval'];
  const horizon = saved['horizon'] as Partial<Record<BarInterval, unknown>> | undefined;
  const seconds = (interval: BarInterval): number => {
    const chosen = horizon?.[interval];
    return typeof chosen === 'number' && chosen > 0 ? chosen : defaultPreferences.horizon[interval];
  };
  return { ...(kept as Partial<Preferences>), horizon: { '1s': seconds('1s'), '1m': seconds('1m') } };
};
