import { describe, expect, it } from '@jest/globals';
import { createWorkbench } from '../testing/terminal.js';
import { csvFormat } from './csv.js';
import { createObservationReader } from './observations.js';
import { parseRecordingLine } from './recording.js';
import type { Observation } from './row.js';

const ns = '1723161254087891268';
const atMs = Number(ns) / 1e6;

describe('csv', () => {
  it.each([
    [
      'recv_ns,event_ms,trade_ms,trade_id,price,qty,taker_side',
      `${ns},1,1,9,61837.63000000,0.02,sell`,
      'trade',
      61837.63,
    ],
    ['recv_ns,event_ms,update_id,bid,bid_qty,ask,ask_qty', `${ns},,9,10.0,3,10.5,1`, 'quote', 10.25],
    ['open_ms,open,high,low,close,volume', '1546300800000,1,2,3,3833.1,5.8', 'bar', 3833.1],
    ['open_ms,o,h,l,c,volume', '1546300800000,1,2,3,3833.1,5.8', 'bar', 3833.1],
    ['symbol,side,price,amount,time', 'BTC-USD,sell,25741.02,3.844E-5,2023-09-05T16:00:01.281719Z', 'trade', 25741.02],
  ])('[T1] %s', (header, line, kind, price) => {
    const format = csvFormat(header);
    expect(format.kind).toBe(kind);
    expect(format.parse(line)).toMatchObject({ state: 'good', observation: { kind, price } });
  });

  it('reads the time of receipt, and else what the file has', () => {
    const trade = csvFormat('recv_ns,event_ms,price').parse(`${ns},5,1`);
    expect(trade).toMatchObject({ observation: { atMs } });
    expect(csvFormat('time,price').parse('2023-09-05T16:00:01.281719Z,1')).toMatchObject({
      observation: { atMs: Date.UTC(2023, 8, 5, 16, 0, 1, 281) },
    });
    expect(csvFormat('timestamp,price').parse('1700000000000,1')).toMatchObject({ observation: { atMs: 1.7e12 } });
  });

  it('[T2] says what is wrong with a row', () => {
    const { parse } = csvFormat('recv_ns,bid,bid_qty,ask,ask_qty');
    expect(parse(`${ns},2,1,1,1`)).toEqual({ state: 'bad', reason: 'the bid 2 is above the ask 1' });
    expect(parse(`${ns},x,1,1,1`)).toEqual({ state: 'bad', reason: 'bid and ask must be prices, got "x", "1"' });
    expect(parse(`${ns},1,,2,1`)).toEqual({ state: 'good', observation: { kind: 'quote', atMs, price: 1.5 } });
  });
});

describe('recording', () => {
  const line = (event: object, stream = 'btcusdt@x'): string => `${ns} ${JSON.stringify({ stream, data: event })}`;

  it('[T4] reads trades and best quotes, with or without the envelope of a combined stream', () => {
    const trade = {
      e: 'trade',
      E: 1,
      s: 'BTCUSDT',
      t: 1,
      p: '61685.99000000',
      q: '0.00017000',
      T: 1,
      m: true,
      M: true,
    };
    const good = { state: 'good', observation: { kind: 'trade', atMs, price: 61685.99, symbol: 'BTCUSDT' } };
    expect(parseRecordingLine(line(trade))).toEqual(good);
    expect(parseRecordingLine(`${ns} ${JSON.stringify(trade)}`)).toEqual(good);
    const quote = { u: 1, s: 'BTCUSDT', b: '10.0', B: '3', a: '11.0', A: '1' };
    expect(parseRecordingLine(line(quote))).toEqual({
      state: 'good',
      observation: { kind: 'quote', atMs, price: 10.5, bidSize: 3, askSize: 1, symbol: 'BTCUSDT' },
    });
  });

  it('[T4] skips what says nothing about the price', () => {
    const depth = { e: 'depthUpdate', s: 'BTCUSDT', U: 1, u: 2, b: [['1', '2']], a: [] };
    expect(parseRecordingLine(line(depth))).toEqual({ state: 'skipped' });
    expect(parseRecordingLine(`${ns} ${JSON.stringify({ lastUpdateId: 5, bids: [], asks: [] })}`)).toEqual({
      state: 'skipped',
    });
  });

  it('[T2] says what is wrong with a line', () => {
    expect(parseRecordingLine('hello')).toEqual({ state: 'bad', reason: 'expected "<receive time in ns> <JSON>"' });
    expect(parseRecordingLine(`${ns} {"a":`)).toMatchObject({ state: 'bad' });
    expect(parseRecordingLine(line({ e: 'trade', s: 'BTCUSDT', p: 'x' }))).toMatchObject({ state: 'bad' });
  });
});

describe('observations', () => {
  const read = async (content: string, symbol?: string) => {
    await using bench = await createWorkbench();
    const file = await bench.write('file', content);
    const reader = createObservationReader({
      files: [file],
      ...(symbol === undefined ? {} : { symbol }),
      onBadRow: () => {},
    });
    const all: Observation[] = [];
    for await (const observation of reader.observations()) all.push(observation);
    return { all, counts: reader.counts(), progress: reader.progress() };
  };

  const event = (symbol: string, price: string, kind: 'trade' | 'quote', second: number): string => {
    const data =
      kind === 'trade' ? { e: 'trade', s: symbol, p: price } : { s: symbol, b: price, B: '1', a: price, A: '1' };
    return `17231612${String(second).padStart(2, '0')}000000000 ${JSON.stringify({ stream: 'x', data })}`;
  };

  it('[T4] leaves trades out once there are quotes', async () => {
    const { all, counts } = await read(
      [
        event('A', '1', 'trade', 1),
        event('A', '2', 'quote', 2),
        event('A', '3', 'trade', 3),
        event('A', '4', 'quote', 4),
      ].join('\n'),
    );
    expect(all.map(({ price }) => price)).toEqual([1, 2, 4]);
    expect(counts).toEqual({ lines: 4, good: 3, skipped: 1, bad: 0 });
  });

  it('[T5] takes the first symbol, or the one asked for', async () => {
    const content = [event('A', '1', 'trade', 1), event('B', '2', 'quote', 2), event('A', '3', 'trade', 3)].join('\n');
    expect((await read(content)).all.map(({ price }) => price)).toEqual([1, 3]);
    expect((await read(content, 'B')).all.map(({ price }) => price)).toEqual([2]);
  });

  it('[T11] knows how far it is', async () => {
    expect((await read(event('A', '1', 'trade', 1))).progress).toBe(1);
  });
});
