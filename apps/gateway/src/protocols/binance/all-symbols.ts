import type { CatalogEntry } from '@tickwire/protocol';
import { createStateLog, type Logger } from '@tickwire/runtime';
import { isAway } from '../consumer.js';
import type { StreamSource } from './binance-stream.js';
import type { Pace } from './pace.js';
import { UnmappableMessage } from './payload-fields.js';
import { StreamEvent } from './stream-event.js';
import type { BinanceSymbols } from './symbols.js';

export interface AllSymbolsOptions {
  readonly symbols: BinanceSymbols;
  /** Where the events of one symbol come from. */
  readonly sourceOf: (entry: CatalogEntry) => StreamSource;
  /** When symbols that came later are looked for. */
  readonly watchPace: Pace;
  /** When the newest event of each symbol that has one since is sent, in an array; without it each is sent as it happens. */
  readonly arrayPace: Pace | undefined;
  /** The name of the stream. */
  readonly name: string;
  readonly logger: Pick<Logger, 'warn' | 'info'>;
}

/** `!ticker@arr` and its like: events of all symbols there are, also those that come later. */
export const createAllSymbolsSource = (options: AllSymbolsOptions): StreamSource => ({
  async start(publish) {
    const { symbols, sourceOf, watchPace, arrayPace, name, logger } = options;
    const lacking = createStateLog({
      logger,
      trouble: 'a stream of all symbols lacks some of them: they are tried again each second',
      over: 'a stream of all symbols has all of them again',
    });
    /** What ends each symbol's source; undefined until it has begun. */
    const watched = new Map<string, (() => void) | undefined>();
    const changed = new Map<string, StreamEvent>();
    let isStopped = false;

    const watch = async (entry: CatalogEntry): Promise<void> => {
      watched.set(entry.symbol, undefined);
      try {
        const end = await sourceOf(entry).start((event) => {
          if (arrayPace === undefined) publish(event);
          else changed.set(entry.symbol, event);
        });
        if (isStopped) end();
        else watched.set(entry.symbol, end);
      } catch (error) {
        // Watched anew at the next second.
        watched.delete(entry.symbol);
        throw error;
      }
    };

    const watchAll = (): Promise<unknown> =>
      Promise.all(symbols.entries.filter(({ symbol }) => !watched.has(symbol)).map(watch));

    const watchAgain = (): void => {
      watchAll().then(lacking.worked, (error: unknown) => {
        // The layer logs that Redis is unreachable.
        if (!isAway(error)) lacking.failed({ stream: name, err: error });
      });
    };

    const publishChanged = (): void => {
      if (changed.size > 0) publish(arrayEvent(name, inOrder(symbols, changed)));
      changed.clear();
    };

    const stop = (): void => {
      isStopped = true;
      for (const unpace of unpaces) unpace?.();
      for (const end of watched.values()) end?.();
    };
    const unpaces = [arrayPace?.add(publishChanged), watchPace.add(watchAgain)];
    try {
      await watchAll();
    } catch (error) {
      stop();
      throw error;
    }
    publishChanged();
    return stop;
  },
});

const inOrder = (symbols: BinanceSymbols, events: ReadonlyMap<string, StreamEvent>): readonly StreamEvent[] =>
  symbols.entries.flatMap(({ symbol }) => events.get(symbol) ?? []);

const arrayEvent = (name: string, events: readonly StreamEvent[]): StreamEvent =>
  new StreamEvent(name, (unit) => {
    const texts: string[] = [];
    for (const event of events) {
      try {
        texts.push(event.text(unit));
      } catch (error) {
        // A message that cannot be mapped must not cost the others theirs.
        if (!(error instanceof UnmappableMessage)) throw error;
      }
    }
    return `[${texts.join(',')}]`;
  });
