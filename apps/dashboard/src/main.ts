import { startApp } from './app.js';

/** Refused in some private windows, where asking alone throws. */
const storage = (): Storage | undefined => {
  try {
    return localStorage;
  } catch {
    return undefined;
  }
};

const { protocol, host, search } = location;

startApp({
  url: `${protocol === 'https:' ? 'wss' : 'ws'}://${host}/connection/websocket`,
  host,
  token: new URLSearchParams(search).get('token') ?? undefined,
  locales: navigator.languages,
  storage: storage(),
  now: Date.now,
  isOnline: () => navigator.onLine,
});
