import type { HistoryRange, Message } from '@tickwire/channel-layer';
import type { Position } from '@tickwire/protocol';
import type { HubCounters } from '../counters.js';
import { type ChannelNotice, Publication, positionOf } from '../fan-out/wire-format.js';
import { createDeliveredTail } from './delivered-tail.js';
import { createFormerEpochs } from './former-epochs.js';
import { createPatientReader } from './patient-reader.js';

/** Live messages kept while history is read. Older ones are dropped: history holds them and is read to its end. */
const maxHeld = 1_000;

export interface SequencerOptions {
  readonly channel: string;
  readonly counters: HubCounters;
  readonly read: (afterSeq: number, limit: number) => Promise<HistoryRange>;
  readonly onPublication: (publication: Publication) => void;
  readonly onNotice: (notice: ChannelNotice) => void;
  /** Milliseconds that never go back. */
  readonly now: () => number;
}

/**
 * Puts one channel's publications in order, exactly once: a duplicate is dropped, a hole is read back from history
 * before anything newer is delivered, and what history no longer holds is reported as `lost`. Nothing is ever missing
 * in silence.
 */
export interface Sequencer {
  /** The position of the publication delivered last; undefined while none is known. */
  readonly position: Position | undefined;
  /**
   * Returns whether another publication has replaced the one at this position: a client that stopped there misses what
   * followed.
   */
  isReplaced(at: Position): boolean;
  /** Live messages are held until this call. The range gives the channel's position; its messages are not delivered. */
  start(range: HistoryRange): void;
  /** `json`: the message as JSON text, if the layer has it. */
  accept(message: Message, json?: Uint8Array): void;
  /** Reads what may have been missed until now. Resolves when the channel is complete or closed. */
  catchUp(): Promise<void>;
  close(): void;
}

interface Heard {
  readonly at: Position | undefined;
  readonly message: Message;
  readonly json: Uint8Array | undefined;
  /** Number of reads of history begun before the message was heard: only a later read can prove what precedes it. */
  readonly readsBefore: number;
}

export const createSequencer = (options: SequencerOptions): Sequencer => {
  const { channel, counters, onPublication, onNotice, now } = options;
  const reader = createPatientReader(options);
  let position: Position | undefined;
  let held: Heard[] | undefined = [];
  const formerEpochs = createFormerEpochs();
  const tail = createDeliveredTail();
  let historyExists = false;
  /** The channel's position before it believed a message that no history could confirm. */
  let believedAfter: Position | undefined;
  let isStarted = false;
  let isRepairing = false;
  let isReadWanted = false;
  let isClosed = false;
  let waiters: (() => void)[] = [];

  const isNext = (at: Position): boolean =>
    position === undefined ? at.seq === 1 : at.epoch === position.epoch && at.seq === position.seq + 1;

  const isKnown = (at: Position | undefined): boolean =>
    position !== undefined && at?.epoch === position.epoch && at.seq <= position.seq;

  const deliver = (at: Position | undefined, message: Message, json?: Uint8Array): void => {
    if (at !== undefined) {
      position = at;
      tail.add(at, message);
    }
    counters.publications += 1;
    onPublication(new Publication(channel, at, message, now(), json));
  };

  const accept = (message: Message, json?: Uint8Array): void => {
    if (isClosed) return;
    const at = positionOf(message);
    if (held !== undefined) {
      hold({ at, message, json, readsBefore: reader.begun });
    } else if (at === undefined || isNext(at)) {
      deliver(at, message, json);
    } else if (isKnown(at) && believedAfter === undefined && !tail.contradicts(message)) {
      counters.duplicates += 1;
    } else {
      if (!isKnown(at)) counters.gaps += 1;
      held = [{ at, message, json, readsBefore: reader.begun }];
      void repair();
    }
  };

  const hold = (heard: Heard): void => {
    held?.push(heard);
    if (held === undefined || held.length <= maxHeld) return;
    const dropped = held.shift();
    if (dropped?.at === undefined) counters.lost += 1;
  };

  /** Runs once at a time. Ends when history was read after the last request and everything held is delivered. */
  const repair = async (): Promise<void> => {
    isRepairing = true;
    do {
      held ??= [];
      isReadWanted = false;
      while (!isClosed && (await readPage()) === 'more');
    } while (!isClosed && (!release() || isReadWanted));
    isRepairing = false;
    settleWaiters();
  };

  const readPage = async (): Promise<'more' | 'complete'> => {
    // Begins with the newest publication delivered: if history has another one at that position, it was written anew.
    const overlap = position !== undefined && tail.has(position) ? 1 : 0;
    let range = await reader.read((position?.seq ?? 0) - overlap);
    if (range?.position && position !== undefined && range.position.epoch !== position.epoch) {
      // History was lost and began again: continue with the oldest available publication of the new epoch. If the
      // channel was in that epoch before, continue from where it left it.
      range = await reader.read(formerEpochs.seqIn(range.position.epoch));
    }
    if (range === undefined) return 'complete';
    const top = range.position;
    historyExists = top !== null;
    if (top === null) return 'complete';
    if (disproves(top)) return 'more';
    if (mayBeRewritten(range, top) && (await findRewritten())) return 'more';
    if (isKnown(top)) return confirmed();
    const known = position;
    const expected = (position?.epoch === top.epoch ? position.seq : formerEpochs.seqIn(top.epoch)) + 1;
    const first = range.messages.find((message) => !isKnown(positionOf(message)));
    const firstSeq = Math.max(expected, (first && positionOf(first)?.seq) ?? top.seq + 1);
    if (position?.epoch !== top.epoch || firstSeq > expected) skipTo({ epoch: top.epoch, seq: firstSeq });
    believedAfter = undefined;
    for (const message of range.messages) {
      const at = positionOf(message);
      if (at === undefined || !isNext(at)) continue;
      counters.repaired += 1;
      deliver(at, message);
    }
    if (isKnown(top)) return 'complete';
    // A page without progress must not be read forever.
    if (position === known) skipTo({ epoch: top.epoch, seq: top.seq + 1 });
    return 'more';
  };

  /** Returns whether history differs from what was delivered, or ends before it and cannot show that yet. */
  const mayBeRewritten = ({ messages }: HistoryRange, top: Position): boolean => {
    if (position?.epoch !== top.epoch) return false;
    return messages.some(tail.contradicts) || (top.seq < position.seq && tail.has(top));
  };

  /** Steps back to the first difference in history: Redis lost its end, and a writer that did not notice continued. */
  const findRewritten = async (): Promise<boolean> => {
    const range = await reader.read((tail.oldestSeq ?? 1) - 1);
    const first = range?.messages.find(tail.contradicts);
    const resumed = first && positionOf(first);
    const after = position;
    if (resumed === undefined || after === undefined) return false;
    counters.lost += after.seq - resumed.seq + 1;
    tail.replacedFrom(resumed.seq);
    position = { epoch: resumed.epoch, seq: resumed.seq - 1 };
    onNotice({ kind: 'lost', channel, after, resumed });
    return true;
  };

  const confirmed = (): 'complete' => {
    believedAfter = undefined;
    return 'complete';
  };

  /**
   * Returns whether history exists but never reached the channel's position; then the channel goes back to before the
   * unconfirmed message.
   */
  const disproves = (top: Position): boolean => {
    const before = believedAfter;
    const after = position;
    if (before === undefined || after?.epoch !== top.epoch || after.seq <= top.seq) return false;
    believedAfter = undefined;
    counters.forged += 1;
    position = before.epoch === top.epoch ? before : { epoch: top.epoch, seq: 0 };
    onNotice({ kind: 'lost', channel, after, resumed: { epoch: top.epoch, seq: position.seq + 1 } });
    return true;
  };

  const skipTo = (resumed: Position): void => {
    const after = position;
    const before = after?.epoch === resumed.epoch ? after.seq : formerEpochs.seqIn(resumed.epoch);
    counters.lost += resumed.seq - before - 1;
    position = { epoch: resumed.epoch, seq: resumed.seq - 1 };
    if (after !== undefined && after.epoch !== resumed.epoch) formerEpochs.leave(after, believedAfter);
    // If the first publication of all is delivered, nothing is missing, even if no position was known.
    if (after !== undefined || resumed.seq > 1) onNotice({ kind: 'lost', channel, after, resumed });
  };

  /**
   * The channel is live again: the held messages follow those read. Returns false if history must be read again first.
   */
  const release = (): boolean => {
    const messages = held ?? [];
    for (const [index, heard] of messages.entries()) {
      const { at, message, json, readsBefore } = heard;
      if (at === undefined || isNext(at)) {
        deliver(at, message, json);
      } else if (isKnown(at) && !tail.contradicts(message)) {
        counters.duplicates += 1;
      } else if (readsBefore === reader.begun) {
        held = messages.slice(index);
        return false;
      } else {
        settle(at, heard);
      }
    }
    held = undefined;
    return true;
  };

  /** Handles a message that is not explained by history, read to its end after the message was heard. */
  const settle = (at: Position, { message, json }: Heard): void => {
    if (isKnown(at)) {
      // History confirms what was delivered at that position.
      counters.forged += 1;
    } else if (position !== undefined && at.epoch !== position.epoch && formerEpochs.has(at.epoch)) {
      // A late message of an earlier epoch.
      counters.duplicates += 1;
    } else if (!historyExists) {
      believedAfter ??= position;
      skipTo(at);
      // The first message of an epoch hides nothing: a history that shows less of that epoch has lost its end.
      if (at.seq === 1) believedAfter = undefined;
      deliver(at, message, json);
    } else if (at.epoch === position?.epoch) {
      // A publication is always in history before anybody hears it.
      counters.forged += 1;
    } else {
      // A position of another group means nothing here.
      deliver(undefined, message, json);
    }
  };

  const settleWaiters = (): void => {
    const settled = waiters;
    waiters = [];
    for (const settle of settled) settle();
  };

  return {
    get position() {
      return position;
    },
    isReplaced: tail.isReplaced,
    start(range) {
      if (isClosed || isStarted) return;
      isStarted = true;
      position = range.position ?? undefined;
      const newest = range.messages.at(-1);
      if (newest !== undefined && position !== undefined) tail.add(position, newest);
      historyExists = position !== undefined;
      if (!release() || isReadWanted) void repair();
    },
    accept,
    catchUp() {
      if (isClosed) return Promise.resolve();
      isReadWanted = true;
      if (isStarted && !isRepairing) void repair();
      reader.hurry();
      return new Promise((resolve) => waiters.push(resolve));
    },
    close() {
      isClosed = true;
      held = undefined;
      reader.close();
      settleWaiters();
    },
  };
};
