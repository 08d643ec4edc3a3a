import type { HistoryBounds } from '../history/retention.js';
import type { GroupBatch, GroupPublisher, History } from '../history.js';
import type { Message } from '../layer.js';

/** One empty history under test, with access to its surroundings. */
export interface HistoryHarness extends AsyncDisposable {
  readonly history: History & GroupPublisher;
  /** Resolves once everything published to the group from now on reaches the listener, in order. */
  listen(group: string, listener: (message: Message) => void): Promise<void>;
  /** Resolves when all earlier publications have reached their listeners. */
  settled(): Promise<void>;
  /** All messages expire; the positions stay. */
  expireMessages(): Promise<void>;
  /** Lets this much time pass for the history. */
  elapse(ms: number): Promise<void>;
}

export interface HistoryTraits {
  /** The groups of a call are on several servers: order holds only within a group. @default false */
  readonly isCluster?: boolean;
}

export type OpenHistory = (options?: HistoryBounds) => Promise<HistoryHarness>;

/** A publication of the contract; `body` distinguishes two messages at one position. */
export const publication = (epoch: string, seq: number, body = `${epoch}/${seq}`): Message => ({
  type: 'price.trade',
  epoch,
  seq,
  body,
});

export const publications = (epoch: string, firstSeq: number, count: number): Message[] =>
  Array.from({ length: count }, (_, index) => publication(epoch, firstSeq + index));

export const batchOf = (group: string, epoch: string, firstSeq: number, count: number, reset = false): GroupBatch => ({
  group,
  epoch,
  firstSeq,
  messages: publications(epoch, firstSeq, count),
  ...(reset ? { reset } : {}),
});

export const seqsOf = (messages: readonly Message[]): number[] => messages.map((message) => Number(message['seq']));

/** The messages of the group from now on; the list grows. */
export const heardOn = async (harness: HistoryHarness, group: string): Promise<Message[]> => {
  const heard: Message[] = [];
  await harness.listen(group, (message) => heard.push(message));
  return heard;
};

/** A range that leaves nothing out. */
export const wholeRange = { afterSeq: 0, limit: 1_000 };
