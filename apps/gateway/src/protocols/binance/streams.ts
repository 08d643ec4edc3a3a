import { LayerUnavailable } from '@tickwire/channel-layer';
import type { Hub, Stream, Turns } from '@tickwire/hub';
import { channelName } from '@tickwire/protocol';
import type { Logger } from '@tickwire/runtime';
import type { Grant } from '../../access/grant.js';
import { createAllSymbolsSource } from './all-symbols.js';
import { BinanceStream } from './binance-stream.js';
import { createPace } from './pace.js';
import { timeText } from './payload-fields.js';
import { StreamEvent } from './stream-event.js';
import { channelKindOf, parseAllStreamName, parseStreamName } from './stream-name.js';
import { createPartSource, createStreamSource } from './stream-sources.js';
import type { BinanceSymbols } from './symbols.js';

const secondMs = 1_000;

/** Binance's streams as far as somebody here follows them, each made once and shared. */
export interface BinanceStreams {
  /**
   * The stream, running, until it is released; undefined for a name that is none of ours now.
   * @throws what the layer throws when it cannot subscribe, also where no symbol is known because Redis is away.
   */
  acquire(name: string): Promise<BinanceStream | undefined>;
  release(stream: BinanceStream): void;
  /** Whether all it is made of may be followed. True for a name that is none of ours now. */
  isAllowed(name: string, grant: Grant): boolean;
  /** Calls back when symbols came into the catalog, so that names unknown before may be known now. Returns its undo. */
  onNewSymbols(listener: () => void): () => void;
  /** What every connection follows beside its streams: in this variant, news of the connection itself. */
  notices(variant: number): Stream;
  /** Notifies every connection that the gateway is about to leave. */
  announceShutdown(): void;
  close(): void;
}

export interface BinanceStreamsOptions {
  readonly hub: Pick<Hub, 'tap' | 'readHistory'>;
  readonly turns: Turns;
  readonly symbols: BinanceSymbols;
  readonly layerLoss: { readonly reason: string | undefined };
  readonly logger: Pick<Logger, 'warn' | 'info'>;
  /** Milliseconds since the Unix epoch. @default Date.now */
  readonly now?: () => number;
}

export const createBinanceStreams = ({
  hub,
  turns,
  symbols,
  layerLoss,
  logger,
  now = Date.now,
}: BinanceStreamsOptions): BinanceStreams => {
  const streams = new Map<string, BinanceStream>();
  const notices = new BinanceStream('!serverShutdown', { start: async () => () => {} }, false);
  const paces = { 100: createPace(100), 1000: createPace(secondMs), 3000: createPace(3 * secondMs) };
  const newSymbolListeners = new Set<() => void>();
  let knownEntries = symbols.entries;

  const create = (name: string): BinanceStream | undefined => {
    const all = parseAllStreamName(name);
    if (all !== undefined) {
      const source = createAllSymbolsSource({
        symbols,
        name,
        logger,
        watchPace: paces[secondMs],
        arrayPace: all.arrayMs && paces[all.arrayMs],
        sourceOf: (entry) => createPartSource({ hub, turns, paces, entry, name }, all.spec),
      });
      return new BinanceStream(name, source, true);
    }
    const parsed = parseStreamName(name);
    const entry = parsed && symbols.find(parsed.symbol);
    if (parsed === undefined || entry === undefined) return undefined;
    const { spec } = parsed;
    const isState = spec.kind !== 'trade' && spec.kind !== 'aggTrade';
    return new BinanceStream(name, createStreamSource({ hub, turns, paces, entry, name }, spec), isState);
  };

  const dropUnused = (): void => {
    for (const [name, stream] of streams) {
      if (stream.users > 0) continue;
      streams.delete(name);
      stream.stop();
    }
  };

  const notifyOfNewSymbols = (): void => {
    if (symbols.entries === knownEntries) return;
    const before = new Set(knownEntries.map(({ symbol }) => symbol));
    knownEntries = symbols.entries;
    if (knownEntries.every(({ symbol }) => before.has(symbol))) return;
    for (const listener of [...newSymbolListeners]) listener();
  };

  const stopTending = paces[secondMs].add(() => {
    dropUnused();
    notifyOfNewSymbols();
  });

  return {
    async acquire(name) {
      // A new listing makes every client ask again for all its names that were unknown.
      const turn = turns.enter();
      if (turn !== undefined) await turn;
      // Which names are streams is then unknown, and a silent connection would look like one that works.
      if (symbols.entries.length === 0 && layerLoss.reason !== undefined) throw new LayerUnavailable(layerLoss.reason);
      const stream = streams.get(name) ?? create(name);
      if (stream === undefined) return undefined;
      streams.set(name, stream);
      stream.users += 1;
      try {
        await stream.start();
      } catch (error) {
        stream.users -= 1;
        // Forgotten, so that the next user tries again.
        if (streams.get(name) === stream) streams.delete(name);
        throw error;
      }
      return stream;
    },
    release(stream) {
      stream.users -= 1;
    },
    isAllowed(name, grant) {
      if (parseAllStreamName(name) !== undefined) return grant.isRestricted !== true;
      const parsed = parseStreamName(name);
      const entry = parsed && symbols.find(parsed.symbol);
      if (parsed === undefined || entry === undefined) return true;
      return grant.maySubscribe(channelName(channelKindOf(parsed.spec), entry.venue, entry.symbol));
    },
    onNewSymbols(listener) {
      newSymbolListeners.add(listener);
      return () => newSymbolListeners.delete(listener);
    },
    notices: (variant) => notices.variant(variant),
    announceShutdown() {
      const atMs = now();
      notices.publish(new StreamEvent(notices.name, (unit) => `{"e":"serverShutdown","E":${timeText(atMs, unit)}}`));
    },
    close() {
      stopTending();
      for (const stream of streams.values()) stream.stop();
      streams.clear();
      for (const pace of Object.values(paces)) pace.close();
    },
  };
};
