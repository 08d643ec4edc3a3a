import { describe, expect, it } from '@jest/globals';
import { createPreferenceStore, defaultPreferences, preferencesKey } from './preferences.js';
import { createSavedText, type SavedText } from './saved-text.js';

/** A browser's storage, and what an event of it does in one tab. */
const storageWith = (text: string | null) => {
  const saved = new Map(text === null ? [] : [[preferencesKey, text]]);
  const storage = {
    getItem: (key: string) => saved.get(key) ?? null,
    setItem: (key: string, value: string) => void saved.set(key, value),
  };
  const tab = new EventTarget();
  return {
    text: createSavedText(preferencesKey, storage, tab),
    otherTabWrote: (key: string, newValue: string | null) =>
      tab.dispatchEvent(Object.assign(new Event('storage'), { key, newValue })),
  };
};
const savedWith = (text: string | null): SavedText => storageWith(text).text;

describe('preferences', () => {
  it('[D3] are restored as they were left', () => {
    const saved = savedWith(null);
    createPreferenceStore(saved).set({
      theme: 'dark',
      symbol: 'BTC-USD',
      horizon: { '1s': 10, '1m': 300 },
      favourites: ['sim.A'],
    });
    expect(createPreferenceStore(saved).value).toEqual({
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
    expect(createPreferenceStore(savedWith(text)).value).toEqual(defaultPreferences);
  });

  it('[D3] what does not fit is left out, what does is kept', () => {
    const { value } = createPreferenceStore(
      savedWith('{"theme":"light","sort":"nothing","order":"up","interval":"1m"}'),
    );
    expect(value).toEqual({ ...defaultPreferences, theme: 'light', interval: '1m' });
  });

  it('[D3] [D73] two tabs leave each other what they did not change, and share favourites', () => {
    const { text, otherTabWrote } = storageWith(null);
    const [one, other] = [createPreferenceStore(text), createPreferenceStore(text)];
    const heard: (readonly string[])[] = [];
    other.onFavourites(() => heard.push(other.value.favourites));
    one.set({ theme: 'dark', favourites: ['sim.A'] });
    other.set({ interval: '1h' });
    expect(createPreferenceStore(text).value).toMatchObject({
      theme: 'dark',
      favourites: ['sim.A'],
      interval: '1h',
    });
    otherTabWrote(preferencesKey, text.read());
    expect(other.value).toMatchObject({ theme: 'system', favourites: ['sim.A'], interval: '1h' });
    otherTabWrote('of another page', 'nonsense');
    otherTabWrote(preferencesKey, 'nonsense');
    otherTabWrote(preferencesKey, null);
    expect(heard).toEqual([['sim.A'], [], []]);
  });

  it('[D3] when storage fails only the choices are lost', () => {
    const refuse = (): never => {
      throw new Error('denied');
    };
    const textIn = (storage: Parameters<typeof createSavedText>[1]) =>
      createSavedText(preferencesKey, storage, new EventTarget());
    const store = createPreferenceStore(textIn({ getItem: refuse, setItem: refuse }));
    store.set({ theme: 'dark' });
    expect(store.value.theme).toBe('dark');
    expect(createPreferenceStore(textIn(undefined)).value).toEqual(defaultPreferences);
  });
});
