import type { HistoryRange, LayerEvent, Message } from '@tickwire/channel-layer';
import type { Position } from '@tickwire/protocol';
import type { PublicationSource } from '../channel/channel.js';

export type FakeOperation = 'listen' | 'unlisten' | 'read' | 'newest';

export interface FakeSourceOptions {
  /** Awaited before and after each operation; by default they answer in microtasks. A rejection fails the operation. */
  readonly delay?: (operation: FakeOperation, channel: string) => Promise<void>;
  /** Whether the next live message to a listener is lost on the way. @default never */
  readonly drops?: (channel: string) => boolean;
  /** Whether the next live message to a listener arrives twice. @default never */
  readonly repeats?: (channel: string) => boolean;
  /** Publications per channel that history keeps. @default 1_000 */
  readonly historySize?: number;
}

/** A channel layer with history in memory. A test controls its one writer, its network and its memory. */
export interface FakeSource extends PublicationSource {
  /** Adds to history before anybody hears it, like the real layer. */
  publish(channel: string, fields?: Readonly<Record<string, unknown>>): Position;
  /** Sends a message of another writer: no position, no history. */
  send(channel: string, message: Message): void;
  /** The next live messages of the channel are lost on the way. */
  dropNext(channel: string, count: number): void;
  /** Live messages wait until `deliver`. */
  hold(): void;
  /** Delivers this many of the waiting messages; without a number all of them, and later ones at once again. */
  deliver(count?: number): number;
  /** History keeps only this many of the newest publications, as with MAXLEN and TTL. */
  trim(channel: string, keep: number): void;
  /** The newest publications never happened, as for a replica that was promoted; the writer continues without noticing. */
  loseEnd(channel: string, count: number): void;
  /** Deletes history and position; the writer notices and begins a new epoch. */
  reset(channel: string): void;
  /** Deletes history and position; the writer continues without noticing. */
  forget(channel: string): void;
  /** History rejects the channel until it is told otherwise, as where its key has another type. Nothing is published there. */
  reject(channel: string, isRejected: boolean): void;
  /** The next operations of this kind fail. */
  failNext(operation: FakeOperation, count: number): void;
  /** Drops the subscriptions: live messages are missed until `reconnect`. */
  disconnect(): void;
  reconnect(): void;
  /** The connection dies unnoticed. */
  die(): void;
  /** Number of listeners of a channel. */
  listeners(channel: string): number;
  readonly operations: Readonly<Record<FakeOperation, number>>;
  position(channel: string): Position | undefined;
  /** Everything ever published on the channel, in order. */
  published(channel: string): readonly Position[];
}

interface Store {
  epoch: number;
  seq: number;
  isKnown: boolean;
  messages: Message[];
  readonly published: Position[];
}

export const createFakeSource = (options: FakeSourceOptions = {}): FakeSource => {
  const { delay = () => Promise.resolve(), drops = () => false, repeats = () => false, historySize = 1_000 } = options;
  const stores = new Map<string, Store>();
  const listening = new Map<string, Set<(message: Message) => void>>();
  const eventListeners = new Set<(event: LayerEvent) => void>();
  const dropping = new Map<string, number>();
  const failing: Record<FakeOperation, number> = { listen: 0, unlisten: 0, read: 0, newest: 0 };
  const operations: Record<FakeOperation, number> = { listen: 0, unlisten: 0, read: 0, newest: 0 };
  const rejecting = new Set<string>();
  const waiting: (() => void)[] = [];
  let isHeld = false;
  let isConnected = true;

  const storeOf = (channel: string): Store => {
    const known = stores.get(channel);
    if (known !== undefined) return known;
    const store = { epoch: 1, seq: 0, isKnown: false, messages: [], published: [] };
    stores.set(channel, store);
    return store;
  };

  const positionOf = (store: Store | undefined): Position | null =>
    store?.isKnown ? { epoch: `e${store.epoch}`, seq: store.seq } : null;

  const emit = (channel: string, message: Message): void => {
    const left = dropping.get(channel) ?? 0;
    if (left > 0) dropping.set(channel, left - 1);
    if (left > 0 || !isConnected) return;
    for (const listener of [...(listening.get(channel) ?? [])]) {
      if (drops(channel)) continue;
      const arrive = () => {
        if (listening.get(channel)?.has(listener)) listener(message);
      };
      const times = repeats(channel) ? 2 : 1;
      for (let i = 0; i < times; i += 1) {
        if (isHeld) waiting.push(arrive);
        else arrive();
      }
    }
  };

  /** Answers with the state halfway through: the request takes time, and so does the answer. */
  const operate = async <T>(operation: FakeOperation, channel: string, act: () => T): Promise<T> => {
    operations[operation] += 1;
    await delay(operation, channel);
    if (failing[operation] > 0) {
      failing[operation] -= 1;
      throw new Error(`${operation} of ${channel} failed as the test requested`);
    }
    const result = act();
    await delay(operation, channel);
    return result;
  };

  const rangeOf = (group: string, messages: (all: readonly Message[]) => readonly Message[]): HistoryRange => {
    if (rejecting.has(group)) return { group, position: null, messages: [], unreadable: 'WRONGTYPE' };
    const store = stores.get(group);
    return { group, position: positionOf(store), messages: messages(store?.messages ?? []) };
  };

  return {
    operations,

    layer: {
      async groupListen(channel, listen) {
        // A new function object: the same listener may listen twice.
        const listener = (message: Message): void => listen(message);
        await operate('listen', channel, () => {
          const all = listening.get(channel) ?? new Set();
          listening.set(channel, all.add(listener));
        });
        return () =>
          operate('unlisten', channel, () => {
            listening.get(channel)?.delete(listener);
          });
      },
      onEvent(listener) {
        eventListeners.add(listener);
        return () => eventListeners.delete(listener);
      },
    },

    history: {
      read: (group, { afterSeq, limit }) =>
        operate('read', group, () =>
          rangeOf(group, (all) => all.filter(({ seq }) => Number(seq) > afterSeq).slice(0, limit)),
        ),
      newest: (groups, count) =>
        operate('newest', groups.join(','), () =>
          groups.map((group) => rangeOf(group, (all) => (count === 0 ? [] : all.slice(-count)))),
        ),
    },

    publish(channel, fields = {}) {
      const store = storeOf(channel);
      store.seq += 1;
      store.isKnown = true;
      const position = { seq: store.seq, epoch: `e${store.epoch}` };
      const message = { type: 'test.publication', ...fields, ...position };
      store.published.push(position);
      store.messages.push(message);
      if (store.messages.length > historySize) store.messages.shift();
      emit(channel, message);
      return position;
    },
    send: emit,

    dropNext: (channel, count) => dropping.set(channel, count),
    hold() {
      isHeld = true;
    },
    deliver(count) {
      if (count === undefined) isHeld = false;
      const arriving = waiting.splice(0, count ?? waiting.length);
      for (const arrive of arriving) arrive();
      return arriving.length;
    },
    trim(channel, keep) {
      const store = storeOf(channel);
      store.messages = keep === 0 ? [] : store.messages.slice(-keep);
    },
    loseEnd(channel, count) {
      const store = storeOf(channel);
      store.messages = store.messages.slice(0, -count);
      store.seq -= count;
    },
    reset(channel) {
      const store = storeOf(channel);
      store.messages = [];
      store.isKnown = false;
      store.epoch += 1;
      store.seq = 0;
    },
    forget(channel) {
      const store = storeOf(channel);
      store.messages = [];
      store.isKnown = false;
    },
    reject(channel, isRejected) {
      if (isRejected) rejecting.add(channel);
      else rejecting.delete(channel);
    },
    failNext(operation, count) {
      failing[operation] = count;
    },
    disconnect() {
      isConnected = false;
      for (const listener of eventListeners) {
        listener({ type: 'lost', groups: [...listening.keys()], reason: 'requested by the test' });
      }
    },
    reconnect() {
      isConnected = true;
      for (const listener of eventListeners) {
        listener({ type: 'restored', groups: [...listening.keys()], downMs: 0 });
      }
    },
    die() {
      isConnected = false;
    },
    listeners: (channel) => listening.get(channel)?.size ?? 0,
    position: (channel) => positionOf(stores.get(channel)) ?? undefined,
    published: (channel) => stores.get(channel)?.published ?? [],
  };
};
