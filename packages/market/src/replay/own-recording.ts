import { LostTrades } from '../exchange/entries.js';
import { createTradeLine, type TradeLine } from '../exchange/trade-line.js';
import { createQuoteOrder, type VenueItem } from '../exchange/venue.js';
import { venueOf } from '../exchange/venues.js';
import type { FeedEvent, Instrument } from '../feed.js';
import type { RecordingHeader } from '../recorder/recording-format.js';

/** Turns the frames of a recording by the recorder into events. */
export interface OwnRecordingReader {
  /** Returns the events, and the reasons of entries that were left out. @throws MarketError `bad-frame` */
  read(frame: unknown, rts: number): { readonly events: readonly FeedEvent[]; readonly bad: readonly string[] };
  /** Returns the events still held back. */
  end(): readonly FeedEvent[];
}

/** How long a missing trade may still come, in recorded time: frames of two connections overlap by seconds. */
const patienceMs = 5_000;

/**
 * A recording has only frames of sockets: those of overlapping connections twice, and no trades that were fetched. So
 * trades are ordered as in the live feed, and missing ones are reported as gaps.
 */
export const createOwnRecordingReader = (
  { venue: name, pairs }: RecordingHeader,
  instruments: readonly Instrument[],
): OwnRecordingReader => {
  const venue = venueOf(name);
  const wanted = pairs.filter(({ symbol }) =>
    instruments.some((each) => each.venue === name && each.symbol === symbol),
  );
  const map = venue.createMapper(wanted);
  const lines = new Map<string, TradeLine>(
    wanted.map(({ symbol }) => [symbol, createTradeLine({ venue: name, symbol })]),
  );
  /** When the hole of each symbol began. */
  const holes = new Map<string, number>();
  const quoteOrders = new Map(wanted.map(({ symbol }) => [symbol, createQuoteOrder()]));
  let lastRts = 0;
  let pending: FeedEvent[] = [];

  const giveUpOld = (rts: number, out: FeedEvent[]): void => {
    for (const [symbol, since] of holes) {
      if (rts - since < patienceMs) continue;
      lines.get(symbol)?.giveUp(rts, out);
      holes.delete(symbol);
    }
  };

  /** A bad frame lacks its trades; the next frame reports them as missing. */
  const itemsOf = (frame: unknown, rts: number, out: FeedEvent[]): readonly VenueItem[] => {
    try {
      return map(frame, rts);
    } catch (error) {
      if (error instanceof LostTrades)
        for (const { symbol, id } of error.lost) lines.get(symbol)?.lose(Number(id), rts, out);
      pending = out;
      throw error;
    }
  };

  return {
    read: (frame, rts) => {
      const out = pending;
      pending = [];
      const bad: string[] = [];
      lastRts = rts;
      if (holes.size > 0) giveUpOld(rts, out);
      for (const item of itemsOf(frame, rts, out)) {
        switch (item.kind) {
          case 'trade':
            lines.get(item.trade.symbol)?.add(item.trade, out);
            break;
          case 'past':
            lines.get(item.symbol)?.addPast(item.trades, out);
            break;
          case 'quote': {
            const { quote, order } = item;
            if (quoteOrders.get(quote.symbol)?.isNew(order, rts)) out.push({ kind: 'quote', quote });
            break;
          }
          case 'stats':
            out.push(item);
            break;
          case 'bad':
            bad.push(item.reason);
            if (item.lost) lines.get(item.lost.symbol)?.lose(Number(item.lost.id), rts, out);
            break;
          default:
        }
        const symbol = symbolOf(item);
        if (symbol === undefined) continue;
        if (!lines.get(symbol)?.hole) holes.delete(symbol);
        else if (!holes.has(symbol)) holes.set(symbol, rts);
      }
      return { events: out, bad };
    },
    end: () => {
      const out = pending;
      for (const line of lines.values()) line.giveUp(lastRts, out);
      return out;
    },
  };
};

/** The symbol whose trades the item may affect. */
const symbolOf = (item: VenueItem): string | undefined => {
  switch (item.kind) {
    case 'trade':
      return item.trade.symbol;
    case 'past':
      return item.symbol;
    case 'bad':
      return item.lost?.symbol;
    default:
      return undefined;
  }
};
