import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Position } from '@tickwire/protocol';
import { type ChannelCheck, createChannelCheck } from '../chaos/channel-check.js';
import { type Notice, readBatch, readFrame } from '../chaos/frame.js';
import { drawSteps, type Fault, faultKinds } from '../chaos/plan.js';
import { createRandom } from '../chaos/random.js';
import { createReport, type ReportInput } from '../chaos/report.js';
import { createSeen } from '../chaos/seen.js';
import { compareWithTruth, type TruthReport } from '../chaos/truth.js';

const at = (seq: number, epoch = 'a'): Position => ({ seq, epoch });
const lost = (after: Position, resumed: Position): Notice => ({ type: 'channel.lost', after, resumed });
const recovered = (isRecovered: boolean, position: Position): Notice => ({
  type: 'channel.recovered',
  recovered: isRecovered,
  position,
});

interface Story {
  readonly check: ChannelCheck;
  readonly reported: string[];
}

const createStory = (hasPassing = false): Story => {
  const reported: string[] = [];
  const check = createChannelCheck({
    onViolation: (kind, count) => reported.push(`${kind} ${count}`),
    onLoss: (cause, count) => reported.push(`${cause} ${count}`),
    onSkipped: (count) => reported.push(`skipped ${count}`),
    hasPassing,
  });
  return { check, reported };
};

describe('what checks a channel', () => {
  it('[E31] is content with every publication once and in order, from any beginning', () => {
    const { check, reported } = createStory();
    for (const seq of [7, 8, 9]) check.publication(at(seq), 0);
    check.notice(recovered(true, at(9)));
    check.publication(at(10), 0);
    check.end(at(10));
    expect(reported).toEqual([]);
  });

  it.each([
    ['a hole', (check: ChannelCheck) => check.publication(at(5), 0), ['silent loss 2']],
    [
      'a hole larger than what is reported as skipped',
      (check: ChannelCheck) => check.publication(at(6), 2),
      ['silent loss 1', 'skipped 3'],
    ],
    [
      'fewer missing than reported',
      (check: ChannelCheck) => check.publication(at(4), 3),
      ['wrong count 1', 'skipped 1'],
    ],
    ['one twice', (check: ChannelCheck) => check.publication(at(2), 0), ['duplicate 1']],
    ['an older one', (check: ChannelCheck) => check.publication(at(1), 0), ['reordering 1']],
    ['another epoch without a word', (check: ChannelCheck) => check.publication(at(3, 'b'), 0), ['silent loss 1']],
    ['the end before the channel’s', (check: ChannelCheck) => check.end(at(4)), ['silent loss 2']],
    ['an end that was never published', (check: ChannelCheck) => check.end(at(1)), ['wrong count 1']],
    [
      'a loss reported from where it never was',
      (check: ChannelCheck) => check.notice(lost(at(4), at(9))),
      ['silent loss 2', 'history trimmed 4'],
    ],
  ])('[E31] finds %s', (_what, happens, expected) => {
    const { check, reported } = createStory();
    for (const seq of [1, 2]) check.publication(at(seq), 0);
    happens(check);
    expect(reported).toEqual(expected);
  });

  it('[E31] counts what is reported as lost or skipped, and goes on from there', () => {
    const { check, reported } = createStory();
    check.publication(at(2), 0);
    check.publication(at(6), 3);
    check.notice(lost(at(6), at(9)));
    check.publication(at(9), 0);
    check.notice(lost(at(9), at(4, 'b')));
    check.publication(at(4, 'b'), 0);
    check.notice(recovered(false, at(8, 'b')));
    check.publication(at(8, 'b'), 0);
    check.publication(at(9, 'b'), 0);
    expect(reported).toEqual(['skipped 3', 'history trimmed 2', 'new epoch 3', 'not recovered 4']);
  });
});

describe('what reads the frames', () => {
  const text = '{"channel":"trade.sim.BTC-USD","type":"price.trade","id":"1","pts":5,"seq":12,"epoch":"a"}';

  it('[E31] of messages without a position it knows that they, and what was skipped with them, have no place in the order', () => {
    const { check, reported } = createStory(true);
    check.publication(at(1), 0);
    check.passing(0);
    check.publication(at(2), 5);
    check.passing(3);
    check.publication(at(4), 0);
    check.passing(1);
    check.end(at(5));
    expect(reported).toEqual(['skipped 1']);
    check.publication(at(8), 0);
    expect(reported.at(-2)).toBe('silent loss 2');
  });

  it('[E31] finds channel, position and payload, and leaves out what is for one client alone', () => {
    const plain = readFrame(Buffer.from(text));
    const skipping = readFrame(Buffer.from(`${text.slice(0, -1)},"skipped":3}`));
    expect(plain).toMatchObject({ channel: 'trade.sim.BTC-USD', position: at(12), skipped: 0 });
    expect(skipping).toMatchObject({ channel: 'trade.sim.BTC-USD', position: at(12), skipped: 3 });
    for (const frame of [plain, skipping, ...readBatch(Buffer.from(`[${text}]`))]) {
      expect(frame.kind === 'publication' && frame.payload.toString()).toBe(text);
    }
  });

  it('[E31] knows the update of an open bar', () => {
    const text = '{"channel":"bar-1s.sim.BTC-USD","type":"price.bar","closed":false,"pts":7,"skipped":2}';
    expect(readFrame(Buffer.from(text))).toEqual({ kind: 'passing', channel: 'bar-1s.sim.BTC-USD', skipped: 2 });
  });

  it('[E31] takes notices apart', () => {
    const frame = readFrame(
      Buffer.from(
        '{"type":"channel.lost","channel":"c","after":{"seq":1,"epoch":"a"},"resumed":{"seq":4,"epoch":"a"}}',
      ),
    );
    expect(frame).toEqual({ kind: 'notice', channel: 'c', notice: lost(at(1), at(4)) });
  });
});

describe('what compares with the producers', () => {
  const line = (id: number, seq: number, price = '1'): string =>
    JSON.stringify({ channel: 'trade.sim.BTC-USD', id: String(id), price, seq, epoch: 'a' });

  const compare = async (sent: readonly string[], ...seen: readonly (readonly string[])[]): Promise<TruthReport> => {
    const folder = await mkdtemp(join(tmpdir(), 'tickwire-truth-'));
    try {
      const write = async (name: string, lines: readonly string[]): Promise<string> => {
        await writeFile(join(folder, name), lines.map((each) => `${each}\n`).join(''));
        return join(folder, name);
      };
      const seenFiles = await Promise.all(seen.map((lines, index) => write(`seen-${index}`, lines)));
      return await compareWithTruth([await write('sent', sent)], seenFiles);
    } finally {
      await rm(folder, { recursive: true });
    }
  };

  it('[E31] finds nothing where there is nothing', async () => {
    const lines = [line(5, 1), line(6, 2), line(7, 3)];
    const report = await compare(lines, lines, lines.slice(1));
    expect(report).toMatchObject({ seen: 3, foreign: [], contradictions: [], missingTrades: 0, repeatedTrades: 0 });
  });

  it('[E31] finds payloads nobody sent, that contradict each other, trades missing and trades twice', async () => {
    const sent = [line(5, 1), line(6, 2), line(9, 3), line(6, 4)];
    expect(await compare(sent, sent)).toMatchObject({ missingTrades: 2, repeatedTrades: 1 });
    expect((await compare(sent, [line(5, 1, '2')])).foreign).toHaveLength(1);
    const both = [line(5, 1), line(5, 1, '2')];
    expect((await compare(both, [line(5, 1)], [line(5, 1, '2')])).contradictions).toHaveLength(1);
  });

  it('[E31] finds a client that got other bytes than another', () => {
    const seen = createSeen();
    expect(seen.check('c', at(1), Buffer.from('one'))).toBe(true);
    expect(seen.check('c', at(1), Buffer.from('one'))).toBe(true);
    expect(seen.check('c', at(1), Buffer.from('two'))).toBe(false);
  });
});

describe('the plan of a run', () => {
  const draw = (seed: string): readonly (readonly Fault[])[] => {
    const steps = drawSteps({ random: createRandom(seed), kinds: faultKinds, gateways: 3, producers: 2 });
    return Array.from({ length: 60 }, () => steps.next().value?.faults ?? []);
  };

  it('[E30] follows from the seed alone, and comes to every kind of fault', () => {
    expect(draw('one')).toEqual(draw('one'));
    expect(draw('one')).not.toEqual(draw('two'));
    expect(new Set(draw('one').flatMap((faults) => faults.map(({ kind }) => kind)))).toEqual(new Set(faultKinds));
  });
});

describe('the report', () => {
  const truth: TruthReport = {
    seen: 10,
    foreign: [],
    contradictions: [],
    missingTrades: 0,
    repeatedTrades: 0,
    examples: [],
  };
  const result = {
    publications: 10,
    violations: [],
    losses: [],
    skipped: 0,
    silences: [],
    opened: 1,
    left: 0,
    staleNotices: 0,
    closes: {},
    longestLagMs: 0,
  };
  const kill = (silenceMs: number, changes: Partial<ReportInput> = {}): readonly string[] =>
    createReport({
      seed: 's',
      clients: 1,
      beganMs: 0,
      endedMs: 60_000,
      happenings: [
        {
          faults: [{ kind: 'gateway-kill', index: 0, downMs: 100 }],
          beganMs: 1_000,
          liftedMs: 1_500,
          settledMs: 1_000 + silenceMs,
        },
      ],
      results: [{ ...result, silences: [{ client: 'anybody', fromMs: 1_000, toMs: 1_000 + silenceMs }] }],
      truth,
      ...changes,
    }).failures;

  it('[E30] fails for too long a silence, any violation, a loss that history explains not, and what producers lost', () => {
    expect(kill(3_000)).toEqual([]);
    expect(kill(3_001)).toHaveLength(1);
    expect(kill(3_001, { isPatient: true })).toEqual([]);
    const violation = { atMs: 1, client: 'c', channel: 'c', kind: 'duplicate', count: 1, story: '' } as const;
    expect(kill(10, { results: [{ ...result, violations: [violation] }] })).toHaveLength(1);
    expect(
      kill(10, { results: [{ ...result, losses: [{ atMs: 1, cause: 'not recovered', count: 3 }] }] }),
    ).toHaveLength(1);
    expect(kill(10, { truth: { ...truth, missingTrades: 1 } })).toHaveLength(1);
    expect(kill(10, { truth: { ...truth, foreign: ['x'] } })).toHaveLength(1);
    expect(kill(10, { results: [{ ...result, closes: { 4504: 1 } }] })).toHaveLength(1);
  });
});
