import { startApp } from './app.js';
import { usableLocales } from './model/number-text.js';

/** Refused in some private windows, where asking alone throws. */
const storage = (): Storage | undefined => {
  try {
    return localStorage;
  } catch {
    return undefined;
  }
};

const { host, search } = location;
/** Beside the page, below whatever path a proxy has it. */
const socketUrl = new URL('connection/websocket', location.href.replace(/^http/, 'ws'));

void startApp({
  url: socketUrl.href,
  host,
  token: new URLSearchParams(search).get('token') ?? undefined,
  locales: usableLocales(navigator.languages),
  storage: storage(),
  now: () => performance.now(),
  wall: Date.now,
  isOnline: () => navigator.onLine,
});
