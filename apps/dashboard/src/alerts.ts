import { createAlertFeed } from './data/alert-feed.js';
import type { LiveClient } from './data/live-client.js';
import { type AlertKind, alertKey, readAlerts } from './model/alert.js';
import { type AlertBook, createAlertBook } from './model/alert-book.js';
import { alertNews } from './model/alert-text.js';
import type { ClockText } from './model/clock-text.js';
import type { NumberText } from './model/number-text.js';
import type { PreferenceStore } from './model/preferences.js';
import type { SavedText } from './model/saved-text.js';
import type { PriceState } from './model/symbol-state.js';
import type { WatchEntry } from './model/watch-entry.js';
import { createAlertSignals } from './view/alert-signals.js';
import { type ChosenMarket, createAlertsPanel } from './view/alerts-panel.js';
import { byId, setText } from './view/dom.js';
import { createToasts } from './view/toasts.js';

export interface AlertsOptions {
  readonly client: LiveClient;
  readonly saved: SavedText;
  readonly preferences: PreferenceStore;
  readonly text: NumberText;
  readonly clock: ClockText;
  readonly locales: readonly string[];
  /** Never goes back. */
  readonly now: () => number;
  /** For labels. */
  readonly wall: () => number;
  readonly chosen: () => ChosenMarket | undefined;
  /** The alerts, or their display, changed. */
  readonly mark: () => void;
}

/**
 * Alerts from storage to screen. Prices are checked when they arrive, not when the page paints: a hidden page does not
 * paint.
 */
export interface Alerts extends Pick<AlertBook, 'price'> {
  /** Alerts that fired and were not dismissed yet. */
  readonly unseen: number;
  look(
    find: (venue: string, symbol: string) => WatchEntry | undefined,
    stateOf: (entry: WatchEntry) => PriceState,
  ): void;
  paint(): void;
}

export const createAlerts = (options: AlertsOptions): Alerts => {
  const { client, saved, preferences, text, clock, locales, now, wall, chosen, mark } = options;
  const { sound, notify } = preferences.value;
  const signals = createAlertSignals({ sound, notify });
  const toasts = createToasts(mark);

  const book = createAlertBook({
    alerts: readAlerts(saved.read()),
    now,
    wall,
    onChange: (origin) => {
      if (origin === 'here') saved.write(JSON.stringify(book.alerts));
      feed.sync();
      mark();
    },
    onFired: (alert) => {
      const sentence = alertNews(alert, text);
      toasts.show(alertKey(alert), sentence, clock.second(wall()));
      signals.send(sentence, `${alert.venue}, ${clock.full(wall())}`, alertKey(alert));
      mark();
    },
  });
  const feed = createAlertFeed(client, book);
  const panel = createAlertsPanel({
    text,
    clock,
    locales,
    chosen,
    onAdd: book.add,
    onRemove: book.remove,
    onRearm: book.rearm,
  });

  const note = byId('alert-signal-note');
  const soundBox = byId<HTMLInputElement>('alert-sound');
  const notifyBox = byId<HTMLInputElement>('alert-notify');
  const showSettings = (): void => {
    soundBox.checked = signals.settings.sound;
    notifyBox.checked = signals.settings.notify;
    preferences.set(signals.settings);
  };
  soundBox.addEventListener('change', () => {
    signals.setSound(soundBox.checked);
    showSettings();
  });
  notifyBox.addEventListener('change', () => {
    void signals.setNotify(notifyBox.checked).then((reason) => {
      setText(note, reason ?? '');
      showSettings();
    });
  });
  showSettings();
  saved.onChange((text) => book.replace(readAlerts(text)));
  feed.sync();

  const stale: AlertKind = 'stale';
  return {
    get unseen() {
      return toasts.count;
    },
    price: book.price,
    look(find, stateOf) {
      for (const { kind, venue, symbol } of book.alerts) {
        const entry = kind === stale ? find(venue, symbol) : undefined;
        if (entry !== undefined) book.state(entry.key, stateOf(entry));
      }
    },
    paint: () => panel.paint(book.alerts),
  };
};
