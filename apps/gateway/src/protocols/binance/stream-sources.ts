import type { Hub } from '@tickwire/hub';
import { type CatalogEntry, channelName } from '@tickwire/protocol';
import type { StreamSource } from './binance-stream.js';
import type { Fields } from './payload-fields.js';
import { payloads } from './payloads.js';
import { StreamEvent } from './stream-event.js';
import { channelKindOf, messageTypeOf, type StreamKind } from './stream-name.js';
import { binanceName } from './symbols.js';

/** Calls each listener once a second: the pace of Binance's tickers. */
export interface SecondClock {
  add(onSecond: () => void): () => void;
}

interface SourceOptions {
  readonly hub: Pick<Hub, 'tap'>;
  readonly clock: SecondClock;
  readonly entry: CatalogEntry;
  readonly kind: StreamKind;
  /** Of the stream. */
  readonly name: string;
}

/** Where the events of one symbol's stream come from. */
export const createStreamSource = (options: SourceOptions): StreamSource => {
  switch (options.kind) {
    case 'ticker':
    case 'miniTicker':
      return pacedSource(options);
    case 'bookTicker':
      return changedQuoteSource(options);
    case 'kline_1s':
    case 'kline_1m':
      return klineSource(options);
    default:
      return everySource(options);
  }
};

/** A new event for every message of the channel. */
const everySource = (options: SourceOptions): StreamSource => ({
  start: (publish) => tap(options, (message) => publish(eventOf(options, message))),
});

/** The first at once, then the newest each second, if there is one. */
const pacedSource = (options: SourceOptions): StreamSource => ({
  async start(publish) {
    let waiting: Fields | undefined;
    let isFirst = true;
    const untap = await tap(options, (message) => {
      if (isFirst) publish(eventOf(options, message));
      else waiting = message;
      isFirst = false;
    });
    const unclock = options.clock.add(() => {
      if (waiting === undefined) return;
      publish(eventOf(options, waiting));
      waiting = undefined;
    });
    return () => {
      untap();
      unclock();
    };
  },
});

/** Only where the best bid or ask moved: a ticker comes for a new last price as well. */
const changedQuoteSource = (options: SourceOptions): StreamSource => ({
  start(publish) {
    let known: Fields = {};
    return tap(options, (message) => {
      // A side that became empty has moved as well.
      if (quoteFields.every((field) => message[field] === known[field])) return;
      known = message;
      publish(eventOf(options, message));
    });
  },
});

/**
 * One bar after the other, each closed before the next begins. A bar of ours takes late trades for a moment while the
 * next one grows already; what is told of that one waits until then, the newest of it.
 */
const klineSource = (options: SourceOptions): StreamSource => ({
  start(publish) {
    let openStart: unknown;
    let closedStart = Number.NEGATIVE_INFINITY;
    let waiting: Fields | undefined;
    return tap(options, (message) => {
      const { start, closed, ts, incomplete } = message;
      // A closed bar that comes again says that trades of it came too late: Binance has no way to say so.
      if (closed === true && incomplete === true && Number(start) <= closedStart) return;
      if (closed === true) closedStart = Number(start);
      const isNext = openStart !== undefined && Number(start) > Number(openStart);
      if (isNext && closed !== true && Number(ts) - Number(start) < maxBarDelayMs) {
        waiting = message;
        return;
      }
      publish(eventOf(options, message));
      openStart = closed === true ? undefined : start;
      // A bar that was told itself meanwhile waits no longer.
      if (waiting !== undefined && Number(waiting['start']) <= Number(start)) waiting = undefined;
      if (closed !== true || waiting === undefined) return;
      publish(eventOf(options, waiting));
      openStart = waiting['start'];
      waiting = undefined;
    });
  },
});

/** Into a bar, by the venue's time: longer after its end no bar stays open, so what closed the one before was lost. */
const maxBarDelayMs = 1_000;

const quoteFields = ['bid', 'bidSize', 'ask', 'askSize'] as const;

const eventOf = ({ name, kind, entry }: SourceOptions, message: Fields): StreamEvent =>
  new StreamEvent(name, (unit) => payloads[kind](message, binanceName(entry), unit));

const tap = ({ hub, entry, kind }: SourceOptions, onMessage: (message: Fields) => void): Promise<() => void> =>
  hub.tap(channelName(channelKindOf(kind), entry.venue, entry.symbol), ({ message }) => {
    if (message.type === messageTypeOf(kind)) onMessage(message);
  });
