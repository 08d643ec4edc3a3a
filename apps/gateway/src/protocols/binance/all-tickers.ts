import type { Hub } from '@tickwire/hub';
import { type CatalogEntry, channelName } from '@tickwire/protocol';
import type { StreamSource } from './binance-stream.js';
import type { Pace } from './pace.js';
import { type Fields, UnmappableMessage } from './payload-fields.js';
import { payloads } from './payloads.js';
import { StreamEvent } from './stream-event.js';
import { messageTypeOf } from './stream-name.js';
import { type BinanceSymbols, binanceName } from './symbols.js';

type TickerKind = 'ticker' | 'miniTicker';

export interface AllTickersOptions {
  readonly hub: Pick<Hub, 'tap'>;
  readonly pace: Pace;
  readonly symbols: BinanceSymbols;
  /** The event for each symbol. */
  readonly kind: TickerKind;
  /** Of the stream. */
  readonly name: string;
}

interface Watched {
  readonly entry: CatalogEntry;
  newest: Fields | undefined;
  untap: (() => void) | undefined;
}

/** `!miniTicker@arr` and `!ticker@arr`: each second the tickers that changed, of all symbols there are, also those that come later. */
export const createAllTickersSource = ({ hub, pace, symbols, kind, name }: AllTickersOptions): StreamSource => ({
  async start(publish) {
    const watched = new Map<string, Watched>();
    let isStopped = false;

    const watch = async (entry: CatalogEntry): Promise<void> => {
      const one: Watched = { entry, newest: undefined, untap: undefined };
      watched.set(entry.symbol, one);
      try {
        const untap = await hub.tap(channelName('ticker', entry.venue, entry.symbol), ({ message }) => {
          if (message.type === messageTypeOf({ kind })) one.newest = message;
        });
        if (isStopped) untap();
        else one.untap = untap;
      } catch (error) {
        // Watched anew at the next second.
        watched.delete(entry.symbol);
        throw error;
      }
    };

    const watchAll = (): Promise<unknown> =>
      Promise.all(symbols.entries.filter(({ symbol }) => !watched.has(symbol)).map(watch));

    const tell = (): void => {
      const changed: Changed[] = [];
      for (const one of watched.values()) {
        if (one.newest !== undefined) changed.push({ message: one.newest, name: binanceName(one.entry) });
        one.newest = undefined;
      }
      if (changed.length > 0) publish(arrayEvent(name, kind, changed));
    };

    const stop = (): void => {
      isStopped = true;
      unpace();
      for (const { untap } of watched.values()) untap?.();
    };
    const unpace = pace.add(() => {
      tell();
      watchAll().catch(() => undefined);
    });
    try {
      await watchAll();
    } catch (error) {
      stop();
      throw error;
    }
    tell();
    return stop;
  },
});

interface Changed {
  readonly message: Fields;
  readonly name: string;
}

const arrayEvent = (streamName: string, kind: TickerKind, changed: readonly Changed[]): StreamEvent =>
  new StreamEvent(streamName, (unit) => {
    const texts: string[] = [];
    for (const { message, name } of changed) {
      try {
        texts.push(payloads[kind](message, name, unit));
      } catch (error) {
        // A message that cannot be mapped must not cost the others theirs.
        if (!(error instanceof UnmappableMessage)) throw error;
      }
    }
    return `[${texts.join(',')}]`;
  });
