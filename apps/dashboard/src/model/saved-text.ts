/** A text that the browser keeps between visits, for all tabs of this page. */
export interface SavedText {
  /** `null` where there is none, and where the browser denies it, as some private windows do. */
  read(): string | null;
  /** Where storage is full or denied, the text lasts as long as the page. */
  write(text: string): void;
  /** Calls the listener when another tab has written or deleted the text. */
  onChange(listener: (text: string | null) => void): void;
}

type Storage = Pick<globalThis.Storage, 'getItem' | 'setItem'>;

/** `tabs` is the window: it gets a `storage` event when another tab writes. */
export const createSavedText = (
  key: string,
  storage: Storage | undefined,
  tabs: Pick<EventTarget, 'addEventListener'>,
): SavedText => ({
  read() {
    try {
      return storage?.getItem(key) ?? null;
    } catch {
      return null;
    }
  },
  write(text) {
    try {
      storage?.setItem(key, text);
    } catch {
      // Full, or denied.
    }
  },
  onChange(listener) {
    tabs.addEventListener('storage', (event) => {
      const { key: changed, newValue } = event as StorageEvent;
      if (changed === key) listener(newValue);
    });
  },
});
