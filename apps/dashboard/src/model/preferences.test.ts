import { describe, expect, it } from '@jest/globals';
import { createPreferenceStore, defaultPreferences, storageKey } from './preferences.js';

const storageWith = (text: string | null) => {
  const saved = new Map(text === null ? [] : [[storageKey, text]]);
  return {
    getItem: (key: string) => saved.get(key) ?? null,
    setItem: (key: string, value: string) => void saved.set(key, value),
  };
};

describe('preferences', () => {
  it('[D3] are restored as they were left', () => {
    const storage = storageWith(null);
    createPreferenceStore(storage).set({
      theme: 'dark',
      symbol: 'BTC-USD',
      horizon: { '1s': 10, '1m': 300 },
      favourites: ['sim.A'],
    });
    expect(createPreferenceStore(storage).value).toEqual({
      ...defaultPreferences,
      theme: 'dark',
      symbol: 'BTC-USD',
      horizon: { '1s': 10, '1m': 300 },
      favourites: ['sim.A'],
    });
  });

  it.each([
    '',
    'nonsense',
    'null',
    '7',
    '[]',
    '{"theme":"pink","interval":5,"horizon":{"1s":"x"},"venue":[],"favourites":[7],"sound":"yes"}',
  ])('[D3] %j on the disk does no harm', (text) => {
    expect(createPreferenceStore(storageWith(text)).value).toEqual(defaultPreferences);
  });

  it('[D3] what does not fit is left out, what does is kept', () => {
    const { value } = createPreferenceStore(
      storageWith('{"theme":"light","sort":"nothing","order":"up","interval":"1m"}'),
    );
    expect(value).toEqual({ ...defaultPreferences, theme: 'light', interval: '1m' });
  });

  it('[D3] [D73] two tabs leave each other what they did not change, and share favourites', () => {
    const storage = storageWith(null);
    const [one, other] = [createPreferenceStore(storage), createPreferenceStore(storage)];
    one.set({ theme: 'dark', favourites: ['sim.A'] });
    other.set({ interval: '1h' });
    expect(createPreferenceStore(storage).value).toMatchObject({
      theme: 'dark',
      favourites: ['sim.A'],
      interval: '1h',
    });
    other.hear(storage.getItem(storageKey));
    expect(other.value).toMatchObject({ theme: 'system', favourites: ['sim.A'], interval: '1h' });
    other.hear('nonsense');
    expect(other.value.favourites).toEqual([]);
  });

  it('[D3] when storage fails only the choices are lost', () => {
    const refuse = (): never => {
      throw new Error('denied');
    };
    const store = createPreferenceStore({ getItem: refuse, setItem: refuse });
    store.set({ theme: 'dark' });
    expect(store.value.theme).toBe('dark');
    expect(createPreferenceStore(undefined).value).toEqual(defaultPreferences);
  });
});
