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
