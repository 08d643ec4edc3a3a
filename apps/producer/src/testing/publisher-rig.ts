import { createMemoryHistory, type History, type Message } from '@tickwire/channel-layer';
import { type Clock, createSystemClock } from '@tickwire/protocol';
import { createLogger } from '@tickwire/runtime';
import { waitFor } from '../../../../tests/support/wait-for.js';
import { createPublisher, type Publisher } from '../publish/publisher.js';

export interface Heard {
  readonly group: string;
  readonly message: Message;
}

/** A publisher over a history in memory that a test may make fail or replace. */
export interface PublisherRig {
  readonly publisher: Publisher;
  /** What subscribers received, in order. */
  readonly heard: Heard[];
  readonly fenced: number[];
  readonly warnings: string[];
  /** The details of the warnings. */
  readonly warned: Readonly<Record<string, unknown>>[];
  /** Unless `none`, appends fail: `before` they take effect, or `after`, when only the answer is lost. */
  failure: 'none' | 'before' | 'after';
  store: History;
}

export const standbyMs = 60_000;

interface RigOptions {
  readonly maxBuffered?: number;
  /** Shares history and subscribers with this one: a second producer of the same market. */
  readonly beside?: Pick<PublisherRig, 'store' | 'heard'>;
  readonly clock?: Clock;
}

export const createPublisherRig = (options: RigOptions = {}): PublisherRig => {
  const { maxBuffered = 1_000, beside, clock = createSystemClock() } = options;
  const heard: Heard[] = beside?.heard ?? [];
  const fenced: number[] = [];
  const warnings: string[] = [];
  const warned: Readonly<Record<string, unknown>>[] = [];
  let epochs = 0;
  const rig: Omit<PublisherRig, 'publisher'> = {
    heard,
    fenced,
    warnings,
    warned,
    failure: 'none',
    store: beside?.store ?? emptyStore({ heard }),
  };
  const publisher = createPublisher({
    history: {
      newest: (groups, count) => rig.store.newest(groups, count),
      async append(batch, fence) {
        if (rig.failure === 'before') throw new Error('unreachable');
        const results = await rig.store.append(batch, fence);
        if (rig.failure === 'after') throw new Error('the answer was lost');
        return results;
      },
    },
    logger: Object.assign(createLogger('test', 'silent'), {
      warn: (details: Readonly<Record<string, unknown>>, text: string) => {
        warned.push(details);
        warnings.push(text);
      },
    }),
    send: async (group, message) => {
      if (rig.failure !== 'none') throw new Error('unreachable');
      heard.push({ group, message });
    },
    maxBuffered,
    standbyMs,
    onFenced: () => fenced.push(1),
    clock,
    newEpoch: () => {
      epochs += 1;
      return `epoch-${epochs}-${beside === undefined ? 'a' : 'b'}`;
    },
  });
  return Object.assign(rig, { publisher });
};

/** An empty history whose subscribers are those of the rig. */
export const emptyStore = ({ heard }: Pick<PublisherRig, 'heard'>): History =>
  createMemoryHistory({ publish: (group, message) => void heard.push({ group, message }) });

/** A history that holds these messages of group `g`, which nobody hears. Each carries its position. */
export const storeOf = async (
  { heard }: Pick<PublisherRig, 'heard'>,
  messages: readonly Message[],
): Promise<History> => {
  const count = heard.length;
  const store = emptyStore({ heard });
  const epoch = String(messages[0]?.['epoch']);
  if (messages.length > 0) await store.append([{ group: 'g', epoch, firstSeq: 1, messages }], 1);
  heard.length = count;
  return store;
};

/** History comes back with only the first `kept` of all messages, those of group `g`. From then on `heard` is empty. */
export const loseEnd = async (
  rig: PublisherRig,
  kept: number,
): Promise<{ readonly epoch: unknown; readonly lost: readonly Heard[] }> => {
  const published = rig.heard.splice(0);
  const messages = published.map(({ message }) => message);
  rig.store = await storeOf(rig, messages.slice(0, kept));
  return { epoch: messages[0]?.['epoch'], lost: published.slice(kept) };
};

export const trade = (id: number, ts = id): Message => ({
  type: 'price.trade',
  id: String(id),
  ts,
  rts: Date.now(),
  price: '1',
});

/** Publishes these trades of group `g`; resolves when all are out. */
export const publishTrades = ({ publisher }: PublisherRig, tradeIds: readonly number[]): Promise<void> => {
  for (const id of tradeIds) publisher.publish('g', trade(id));
  return publisher.drained();
};

export const retried = ({ publisher }: PublisherRig, times = 1): Promise<unknown> =>
  waitFor('a retry', () => publisher.counters().retries >= times);

export const ids = (heard: readonly Heard[]): number[] => heard.map(({ message }) => Number(message['id']));
export const seqs = (heard: readonly Heard[]): number[] => heard.map(({ message }) => Number(message['seq']));
export const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
