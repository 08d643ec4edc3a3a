import { afterEach, describe, expect, jest, test } from '@jest/globals';
import type { HistoryRange, Message } from '@tickwire/channel-layer';
import type { Position } from '@tickwire/protocol';
import { createCounters } from '../counters.js';
import type { ChannelNotice } from '../fan-out/wire-format.js';
import { range, turns, until } from '../testing/index.js';
import { createSequencer, type Sequencer } from './sequencer.js';

const message = (seq: number, epoch = 'e1'): Message => ({ type: 'test', seq, epoch });
const at = (seq: number, epoch = 'e1'): Position => ({ seq, epoch });

/** A history that answers each read as the script says, and remembers the requests. */
const createScript = () => {
  const counters = createCounters();
  const delivered: (string | number)[] = [];
  const positions: (Position | undefined)[] = [];
  const notices: ChannelNotice[] = [];
  const asked: number[] = [];
  const answers: ((range: HistoryRange | Error) => void)[] = [];
  const sequencer = createSequencer({
    channel: 'a',
    counters,
    read: (afterSeq) => {
      asked.push(afterSeq);
      return new Promise((resolve, reject) => {
        answers.push((answer) => (answer instanceof Error ? reject(answer) : resolve(answer)));
      });
    },
    onPublication({ position, message: { text } }) {
      positions.push(position);
      delivered.push(position?.seq ?? String(text));
    },
    onNotice: (notice) => notices.push(notice),
    now: () => 0,
  });
  const answer = async (top: Position | null, seqs: readonly number[] = [], epoch = top?.epoch): Promise<void> => {
    await until('a read', () => answers.length > 0);
    answers.shift()?.({ group: 'a', position: top, messages: seqs.map((seq) => message(seq, epoch)) });
    await turns(2);
  };
  const fail = async (): Promise<void> => {
    await until('a read', () => answers.length > 0);
    answers.shift()?.(new Error('out of reach'));
    await turns(2);
  };
  const start = (top: Position | null): void => sequencer.start({ group: 'a', position: top, messages: [] });
  return { sequencer, counters, delivered, positions, notices, asked, answers, answer, fail, start };
};

let open: Sequencer | undefined;
afterEach(() => {
  open?.close();
  jest.useRealTimers();
});

const script = () => {
  const made = createScript();
  open = made.sequencer;
  return made;
};

describe('sequencer', () => {
  test('[B50] a message heard twice is delivered once', () => {
    const { sequencer, delivered, counters, start } = script();
    start(at(4));
    for (const seq of [5, 5, 6, 4, 6, 7]) sequencer.accept(message(seq));
    expect(delivered).toEqual([5, 6, 7]);
    expect(counters.duplicates).toBe(3);
  });

  test('[B50] messages heard before the start are delivered after it, except those already known', () => {
    const { sequencer, delivered, start } = script();
    for (const seq of [3, 4, 5, 6]) sequencer.accept(message(seq));
    start(at(4));
    expect(delivered).toEqual([5, 6]);
  });

  test('[B51] a hole is read back before anything newer is delivered', async () => {
    const { sequencer, delivered, counters, notices, asked, answer, start } = script();
    start(at(1));
    sequencer.accept(message(4));
    sequencer.accept(message(5));
    expect(delivered).toEqual([]);
    await answer(at(5), [2, 3, 4, 5]);
    sequencer.accept(message(6));
    expect(delivered).toEqual([2, 3, 4, 5, 6]);
    expect(asked).toEqual([1]);
    expect(notices).toEqual([]);
    expect(counters).toMatchObject({ gaps: 1, repaired: 4, lost: 0 });
  });

  test('[B51] a hole before the very first message of an empty channel is read back too', async () => {
    const { sequencer, delivered, notices, answer, start } = script();
    start(null);
    sequencer.accept(message(3));
    await answer(at(3), [1, 2, 3]);
    expect(delivered).toEqual([1, 2, 3]);
    expect(notices).toEqual([]);
  });

  test('[B51] history is read page by page to its end', async () => {
    const { sequencer, delivered, asked, answer, start } = script();
    start(at(1));
    sequencer.accept(message(5));
    await answer(at(5), [2, 3]);
    await answer(at(5), [4, 5]);
    expect(asked).toEqual([1, 2]);
    expect(delivered).toEqual([2, 3, 4, 5]);
  });

  test('[B52] what history no longer holds is reported as lost, before newer messages', async () => {
    const { sequencer, delivered, notices, counters, answer, start } = script();
    start(at(1));
    sequencer.accept(message(9));
    await answer(at(9), [7, 8, 9]);
    expect(notices).toEqual([{ kind: 'lost', channel: 'a', after: at(1), resumed: at(7) }]);
    expect(delivered).toEqual([7, 8, 9]);
    expect(counters.lost).toBe(5);
  });

  test('[B52] history lost before the first publication heard is reported as well', async () => {
    const { sequencer, notices, answer, start } = script();
    start(null);
    void sequencer.catchUp();
    await answer(at(9), [7, 8, 9]);
    expect(notices).toEqual([{ kind: 'lost', channel: 'a', after: undefined, resumed: at(7) }]);
  });

  test('[B52] when history knows its position but holds nothing, the channel skips to it', async () => {
    const { sequencer, delivered, notices, answer, start } = script();
    start(at(1));
    sequencer.accept(message(9));
    await answer(at(9));
    sequencer.accept(message(10));
    expect(notices).toEqual([{ kind: 'lost', channel: 'a', after: at(1), resumed: at(10) }]);
    expect(delivered).toEqual([10]);
  });

  test('[B53] an unreachable history is asked again, and nothing newer overtakes meanwhile', async () => {
    const { sequencer, delivered, counters, answer, fail, start } = script();
    start(at(1));
    sequencer.accept(message(3));
    await fail();
    sequencer.accept(message(4));
    expect(delivered).toEqual([]);
    await answer(at(4), [2, 3, 4]);
    expect(delivered).toEqual([2, 3, 4]);
    expect(counters.failedReads).toBe(1);
  });

  test('[B53] a request to catch up ends the wait for the next retry', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
    const { sequencer, delivered, asked, answer, fail, start } = script();
    start(at(1));
    sequencer.accept(message(3));
    await fail();
    expect(asked).toHaveLength(1);
    const caughtUp = sequencer.catchUp();
    await answer(at(3), [2, 3]);
    await answer(at(3));
    await caughtUp;
    expect(delivered).toEqual([2, 3]);
  });

  test('[B53] close ends the wait for the next retry at once and delivers nothing more', async () => {
    const { sequencer, delivered, fail, start } = script();
    start(at(1));
    sequencer.accept(message(3));
    const caughtUp = sequencer.catchUp();
    await fail();
    const before = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    sequencer.close();
    await caughtUp;
    expect(process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length).toBe(before - 1);
    sequencer.accept(message(2));
    expect(delivered).toEqual([]);
  });

  test('[B54] a hole heard before the start is read back, not reported as lost', async () => {
    const { sequencer, delivered, notices, answer, start } = script();
    sequencer.accept(message(6));
    start(at(4));
    await answer(at(6), [5, 6]);
    expect(delivered).toEqual([5, 6]);
    expect(notices).toEqual([]);
  });

  test('[B54] a hole heard while history is read is read back too', async () => {
    const { sequencer, delivered, notices, answer, answers, start } = script();
    start(at(1));
    sequencer.accept(message(3));
    await until('a read', () => answers.length > 0);
    sequencer.accept(message(5));
    await answer(at(3), [2, 3]);
    await answer(at(5), [4, 5]);
    expect(delivered).toEqual([2, 3, 4, 5]);
    expect(notices).toEqual([]);
  });

  test.each([3, 2 ** 53 - 1])(
    '[B85] a claim of position %i, which history does not reach, is forged: dropped and counted',
    async (seq) => {
      const { sequencer, delivered, notices, counters, answer, start } = script();
      start(at(1));
      sequencer.accept(message(seq));
      await answer(at(1));
      sequencer.accept(message(2));
      expect(delivered).toEqual([2]);
      expect(notices).toEqual([]);
      expect(counters).toMatchObject({ forged: 1, lost: 0 });
      expect(sequencer.position).toEqual(at(2));
    },
  );

  test('[B85] a forgery beside a real hole does not affect the repair', async () => {
    const { sequencer, delivered, counters, answer, answers, start } = script();
    start(at(1));
    sequencer.accept(message(99));
    await until('a read', () => answers.length > 0);
    sequencer.accept(message(3));
    await answer(at(3), [2, 3]);
    expect(delivered).toEqual([2, 3]);
    expect(counters).toMatchObject({ forged: 1, lost: 0, duplicates: 1 });
  });

  test('[B87] a position believed without a history is taken back when history disproves it', async () => {
    const { sequencer, delivered, notices, counters, answer, start } = script();
    start(at(40));
    sequencer.accept(message(2 ** 53 - 1));
    await answer(null);
    sequencer.accept(message(41));
    await answer(at(41));
    await answer(at(41), [41]);
    sequencer.accept(message(42));
    expect(delivered).toEqual([2 ** 53 - 1, 41, 42]);
    expect(notices).toEqual([
      { kind: 'lost', channel: 'a', after: at(40), resumed: at(2 ** 53 - 1) },
      { kind: 'lost', channel: 'a', after: at(2 ** 53 - 1), resumed: at(41) },
    ]);
    expect(counters.forged).toBe(1);
  });

  test('[B55] a new epoch continues with its oldest publication that history holds, and is reported as lost', async () => {
    const { sequencer, delivered, notices, asked, answer, start } = script();
    start(at(40));
    sequencer.accept(message(3, 'e2'));
    await answer(at(3, 'e2'));
    await answer(at(3, 'e2'), [1, 2, 3]);
    expect(asked).toEqual([40, 0]);
    expect(notices).toEqual([{ kind: 'lost', channel: 'a', after: at(40), resumed: at(1, 'e2') }]);
    expect(delivered).toEqual([1, 2, 3]);
    expect(sequencer.position).toEqual(at(3, 'e2'));
  });

  test('[B55] an epoch that appears in history only during the read is not skipped', async () => {
    const { sequencer, delivered, answer, answers, start } = script();
    start(at(1));
    sequencer.accept(message(3));
    await until('a read', () => answers.length > 0);
    sequencer.accept(message(1, 'e2'));
    await answer(at(3), [2, 3]);
    await answer(at(1, 'e2'));
    await answer(at(1, 'e2'), [1]);
    expect(delivered).toEqual([2, 3, 1]);
    expect(sequencer.position).toEqual(at(1, 'e2'));
  });

  test('[B56] a late message of the previous epoch is dropped', async () => {
    const { sequencer, delivered, notices, answer, start } = script();
    start(at(40));
    sequencer.accept(message(1, 'e2'));
    await answer(at(1, 'e2'));
    await answer(at(1, 'e2'), [1]);
    sequencer.accept(message(41));
    await answer(at(1, 'e2'));
    sequencer.accept(message(2, 'e2'));
    expect(delivered).toEqual([1, 2]);
    expect(notices).toHaveLength(1);
  });

  test('[B105] a history that returns to a former epoch is continued behind what was delivered of it', async () => {
    const { sequencer, delivered, notices, asked, answer, start } = script();
    start(at(4));
    sequencer.accept(message(1, 'e2'));
    await answer(at(1, 'e2'));
    await answer(at(1, 'e2'), [1]);
    void sequencer.catchUp();
    await answer(at(2));
    await answer(at(2));
    expect(asked).toEqual([4, 0, 0, 4]);
    expect(sequencer.position).toEqual(at(4));
    expect(notices[1]).toEqual({ kind: 'lost', channel: 'a', after: at(1, 'e2'), resumed: at(5) });
    // What the writer gives again is known.
    for (const seq of [3, 4, 5]) sequencer.accept(message(seq));
    expect(delivered).toEqual([1, 5]);
    sequencer.accept(message(1, 'e3'));
    await answer(at(1, 'e3'));
    await answer(at(1, 'e3'), [1]);
    void sequencer.catchUp();
    await answer(at(7));
    await answer(at(7), [6, 7]);
    expect(delivered).toEqual([1, 5, 1, 6, 7]);
  });

  test('[B87] an epoch believed from its beginning is not taken back when history returns with less of it', async () => {
    const { sequencer, delivered, notices, answer, start } = script();
    start(at(18));
    sequencer.accept(message(1_018));
    await answer(null);
    for (const seq of [1, 2, 3]) sequencer.accept(message(seq, 'e2'));
    await answer(null);
    expect(sequencer.position).toEqual(at(3, 'e2'));
    const before = notices.length;
    void sequencer.catchUp();
    await answer(at(2, 'e2'));
    await answer(at(2, 'e2'), [1, 2]);
    for (const seq of [3, 4]) sequencer.accept(message(seq, 'e2'));
    expect(delivered).toEqual([1_018, 1, 2, 3, 4]);
    expect(notices).toHaveLength(before);
  });

  test('[B105] what was believed without a history does not count as delivered of its epoch', async () => {
    const { sequencer, delivered, notices, answer, start } = script();
    start(at(18));
    sequencer.accept(message(1_018));
    await answer(null);
    sequencer.accept(message(5, 'elsewhere'));
    await answer(null);
    void sequencer.catchUp();
    await answer(at(20));
    await answer(at(20), [19, 20]);
    expect(delivered).toEqual([1_018, 5, 19, 20]);
    expect(notices.at(-1)).toEqual({ kind: 'lost', channel: 'a', after: at(5, 'elsewhere'), resumed: at(19) });
    sequencer.accept(message(2, 'elsewhere'));
    await answer(at(2, 'elsewhere'));
    await answer(at(2, 'elsewhere'), [1, 2]);
    expect(delivered.slice(-2)).toEqual([1, 2]);
  });

  describe('a history that lost its end', () => {
    const news = (seq: number, text: string): Message => ({ ...message(seq), text, pts: seq });
    /** A channel that has delivered 5 to 8. */
    const delivering = () => {
      const made = script();
      made.start(at(4));
      for (const seq of [5, 6, 7, 8]) made.sequencer.accept(news(seq, 'old'));
      const answerWith = async (top: number, messages: readonly Message[]): Promise<void> => {
        await until('a read', () => made.answers.length > 0);
        made.answers.shift()?.({ group: 'a', position: at(top), messages });
        await turns(2);
      };
      return { ...made, answerWith };
    };

    test('[B106] and was written on by another writer is delivered from there, after a notice', async () => {
      const { sequencer, delivered, notices, asked, counters, answerWith } = delivering();
      // Nothing is known yet of the other writer.
      void sequencer.catchUp();
      await answerWith(6, []);
      await answerWith(6, [news(5, 'old'), news(6, 'old')]);
      expect(notices).toEqual([]);
      sequencer.accept(news(7, 'new'));
      await answerWith(7, []);
      await answerWith(7, [news(5, 'old'), news(6, 'old'), news(7, 'new')]);
      await answerWith(7, [news(6, 'old'), news(7, 'new')]);
      expect(notices).toEqual([{ kind: 'lost', channel: 'a', after: at(8), resumed: at(7) }]);
      sequencer.accept(news(8, 'new'));
      expect(delivered).toEqual([5, 6, 7, 8, 7, 8]);
      expect(asked).toEqual([7, 4, 7, 4, 5]);
      expect(counters).toMatchObject({ lost: 2, forged: 0 });
    });

    test('[B106] is found out by the next read, even if it is longer than before', async () => {
      const { sequencer, delivered, notices, answerWith } = delivering();
      const rewritten = [news(5, 'old'), ...[6, 7, 8, 9, 10].map((seq) => news(seq, 'new'))];
      void sequencer.catchUp();
      await answerWith(10, rewritten.slice(3));
      await answerWith(10, rewritten);
      await answerWith(10, rewritten);
      expect(notices).toEqual([{ kind: 'lost', channel: 'a', after: at(8), resumed: at(6) }]);
      expect(delivered).toEqual([5, 6, 7, 8, 6, 7, 8, 9, 10]);
    });

    test('[B106] and receives the same publications again, at other times, is no other', async () => {
      const { sequencer, delivered, notices, counters, answerWith } = delivering();
      for (const seq of [7, 8]) sequencer.accept({ ...news(seq, 'old'), pts: 99, rts: 98 });
      void sequencer.catchUp();
      await answerWith(8, [{ ...news(8, 'old'), pts: 99 }]);
      sequencer.accept(news(9, 'new'));
      expect(delivered).toEqual([5, 6, 7, 8, 9]);
      expect(notices).toEqual([]);
      expect(counters.duplicates).toBe(2);
    });

    test('[B106] is not believed on the word of a message alone', async () => {
      const { sequencer, delivered, notices, counters, answerWith } = delivering();
      sequencer.accept(news(7, 'forged'));
      await answerWith(8, [news(8, 'old')]);
      sequencer.accept(news(9, 'new'));
      expect(delivered).toEqual([5, 6, 7, 8, 9]);
      expect(notices).toEqual([]);
      expect(counters.forged).toBe(1);
    });
  });

  test('[B86] a message of an epoch never known here is delivered without a position, in its place', async () => {
    const { sequencer, delivered, positions, notices, counters, answer, start } = script();
    start(at(5, 'e2'));
    sequencer.accept({ ...message(41, 'another group'), text: 'copied' });
    await answer(at(5, 'e2'));
    sequencer.accept(message(6, 'e2'));
    expect(delivered).toEqual(['copied', 6]);
    expect(positions).toEqual([undefined, at(6, 'e2')]);
    expect(sequencer.position).toEqual(at(6, 'e2'));
    expect(notices).toEqual([]);
    expect(counters).toMatchObject({ duplicates: 0, forged: 0 });
  });

  test('[B56] a late message does not lead back to its epoch while there is no history', async () => {
    const { sequencer, delivered, answer, start } = script();
    start(at(40));
    sequencer.accept(message(1, 'e2'));
    await answer(at(1, 'e2'));
    await answer(at(1, 'e2'), [1]);
    sequencer.accept(message(41));
    await answer(null);
    sequencer.accept(message(2, 'e2'));
    expect(delivered).toEqual([1, 2]);
  });

  test('[B57] messages without a position are delivered as heard, in their place', async () => {
    const { sequencer, delivered, answer, start } = script();
    start(at(1));
    sequencer.accept(message(2));
    sequencer.accept({ type: 'chat', text: 'hello' });
    sequencer.accept(message(4));
    sequencer.accept({ type: 'chat', text: 'again' });
    await answer(at(4), [3, 4]);
    expect(delivered).toEqual([2, 'hello', 3, 4, 'again']);
    expect(sequencer.position).toEqual(at(4));
  });

  test.each([{ seq: '5' }, { seq: 1.5 }, { seq: 0 }, { seq: -1 }, { seq: 2 ** 60 }, { epoch: 7 }])(
    '[B57] an incomplete position counts as none: %j',
    (fields) => {
      const { sequencer, delivered, start } = script();
      start(at(4));
      sequencer.accept({ ...message(5), ...fields, text: 'odd' });
      expect(delivered).toEqual(['odd']);
      expect(sequencer.position).toEqual(at(4));
    },
  );

  test('[B58] without a history a jump is reported as lost and the channel continues', async () => {
    const { sequencer, delivered, notices, answer, start } = script();
    start(null);
    sequencer.accept(message(1));
    sequencer.accept(message(3));
    await answer(null);
    sequencer.accept(message(1, 'e2'));
    await answer(null);
    expect(delivered).toEqual([1, 3, 1]);
    expect(notices).toEqual([
      { kind: 'lost', channel: 'a', after: at(1), resumed: at(3) },
      { kind: 'lost', channel: 'a', after: at(3), resumed: at(1, 'e2') },
    ]);
  });

  test('[B59] more is heard than held while history is read: the rest comes from history', async () => {
    const { sequencer, delivered, notices, answer, answers, start } = script();
    start(at(1));
    sequencer.accept(message(3));
    await until('a read', () => answers.length > 0);
    for (let seq = 4; seq <= 3_000; seq += 1) sequencer.accept(message(seq));
    await answer(at(3), [2, 3]);
    await answer(at(3_000), range(4, 1_003));
    await answer(at(3_000), range(1_004, 2_003));
    await answer(at(3_000), range(2_004, 3_000));
    expect(delivered).toEqual(range(2, 3_000));
    expect(notices).toEqual([]);
  });

  test('[B59] a history with nonsense answers is not asked forever', async () => {
    const { sequencer, delivered, notices, asked, answer, answers, start } = script();
    start(at(1));
    sequencer.accept(message(3));
    // Messages of another epoch than the position they came with, over and over.
    for (let i = 0; i < 5 && (i === 0 || answers.length > 0); i += 1) await answer(at(3), [2, 3], 'e9');
    expect(asked.length).toBeLessThanOrEqual(2);
    sequencer.accept(message(4));
    expect(delivered).toEqual([4]);
    expect(notices.length).toBe(1);
  });

  test('[B60] catching up starts a new read of history, even when one is in progress', async () => {
    const { sequencer, delivered, answer, answers, start } = script();
    start(at(1));
    sequencer.accept(message(3));
    await until('a read', () => answers.length > 0);
    let isComplete = false;
    void sequencer.catchUp().then(() => {
      isComplete = true;
    });
    await answer(at(3), [2, 3]);
    expect(isComplete).toBe(false);
    await answer(at(4), [4]);
    expect(isComplete).toBe(true);
    expect(delivered).toEqual([2, 3, 4]);
  });

  test('[B60] catching up requested before the start happens right after it', async () => {
    const { sequencer, delivered, answer, start } = script();
    const caughtUp = sequencer.catchUp();
    start(at(1));
    await answer(at(2), [2]);
    await caughtUp;
    expect(delivered).toEqual([2]);
  });
});
