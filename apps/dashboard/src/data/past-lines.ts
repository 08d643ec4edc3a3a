import { type Bar, channelName } from '@tickwire/protocol';
import type { WatchEntry } from '../model/watch-entry.js';
import type { LiveClient } from './live-client.js';
import { type OwnMessage, ownNameOf, tickerOf } from './own-prices.js';

/** Reads the past for the small lines of the list, of a few symbols at a time. */
export interface PastLines {
  /** Reads the past of an entry, once. */
  want(entry: WatchEntry): void;
  /** The entry has left the list. */
  forget(entry: WatchEntry): void;
  /** Reads what waited for a connection. */
  resume(): void;
}

export interface PastLinesOptions {
  readonly client: LiveClient;
  readonly onChange: () => void;
}

/** Closes of 24 hours, and one more to begin at. */
const pastBars = 97;
const pastKind = 'bar-15m';
const barMs = 900_000;
const readsAtOnce = 2;

export const createPastLines = ({ client, onChange }: PastLinesOptions): PastLines => {
  const wanted = new Set<string>();
  const waiting: WatchEntry[] = [];
  let reading = 0;

  const resume = (): void => {
    while (reading < readsAtOnce && client.state.name === 'live') {
      const entry = waiting.shift();
      if (entry === undefined) return;
      reading += 1;
      void read(entry).finally(() => {
        reading -= 1;
        resume();
      });
    }
  };

  const read = async (entry: WatchEntry): Promise<void> => {
    try {
      await (entry.own === undefined ? readBars(entry) : readPrices(entry, ownNameOf(entry, entry.own)));
      entry.endPast();
      onChange();
    } catch {
      // The line begins now.
    }
  };

  const readBars = async (entry: WatchEntry): Promise<void> => {
    const channel = channelName(pastKind, entry.venue, entry.symbol);
    const bars = await client.readBack<Bar>(channel, pastBars);
    for (const { message } of [...bars].reverse()) entry.addPast(message.start + barMs - 1, Number(message.close));
  };

  const readPrices = async (entry: WatchEntry, channel: string): Promise<void> => {
    const past = await client.readBack<OwnMessage>(channel, pastBars);
    for (const { message } of [...past].reverse()) entry.addPast(message.ts, Number(tickerOf(message).last));
  };

  return {
    want(entry) {
      if (wanted.has(entry.key)) return;
      wanted.add(entry.key);
      waiting.push(entry);
      resume();
    },
    forget: ({ key }) => void wanted.delete(key),
    resume,
  };
};
