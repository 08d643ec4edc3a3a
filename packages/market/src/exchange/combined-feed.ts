import { MarketError } from '../errors.js';
import type { Feed } from '../feed.js';

/**
 * Combines several feeds into one: their arrays in order of arrival. `end` comes once, after the last feed with an end.
 * If one does not start, all are closed.
 * @throws MarketError `bad-option` for no feeds, two with the same instrument, or one with its own timeline
 */
export const createCombinedFeed = (feeds: readonly Feed[]): Feed => {
  if (feeds.length === 0) throw new MarketError('bad-option', 'a combined feed needs at least one feed');
  const names = feeds.flatMap((feed) => feed.instruments).map(({ venue, symbol }) => `${venue}.${symbol}`);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new MarketError('bad-option', `two feeds bring ${twice}`);
  if (feeds.length > 1 && feeds.some((feed) => feed.now))
    throw new MarketError('bad-option', 'a feed with a time of its own, such as a replay, cannot be combined');
  let running = feeds.length;
  const now = feeds[0]?.now;

  const close = async (): Promise<void> => {
    await Promise.all(feeds.map((feed) => feed.close()));
  };

  return {
    get instruments() {
      return feeds.flatMap((feed) => feed.instruments);
    },
    start: async (onEvents) => {
      const starts = feeds.map((feed) =>
        feed.start((events) => {
          if (!events.some(({ kind }) => kind === 'end')) return onEvents(events);
          running -= 1;
          const kept = running === 0 ? events : events.filter(({ kind }) => kind !== 'end');
          if (kept.length > 0) onEvents(kept);
        }),
      );
      const results = await Promise.allSettled(starts);
      const failure = results.find((result) => result.status === 'rejected');
      if (!failure) return;
      await close();
      throw failure.reason;
    },
    past: async (instrument, query) => {
      const feed = feeds.find(({ instruments: mine }) =>
        mine.some(({ venue, symbol }) => venue === instrument.venue && symbol === instrument.symbol),
      );
      return (await feed?.past?.(instrument, query)) ?? [];
    },
    close,
    ...(now && { now: () => now() }),
  };
};
