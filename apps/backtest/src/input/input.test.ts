import { describe, expect, it } from '@jest/globals';
import { createWorkbench } from '../testing/terminal.js';
import type { Observation } from './observation.js';
import { createObservationReader } from './observations.js';

const atMs = 1_723_161_254_087;
const ns = `${atMs}891268`;

const read = async (content: string, symbol?: string) => {
  await using bench = await createWorkbench();
  const file = await bench.write('file', content);
  const bad: string[] = [];
  const reader = createObservationReader({
    files: [file],
    ...(symbol === undefined ? {} : { symbol }),
    onBadRow: (_file, line, reason) => bad.push(`${line}: ${reason}`),
  });
  const all: Observation[] = [];
  for await (const observation of reader.observations()) all.push(observation);
  return { all, bad, counts: reader.counts(), progress: reader.progress(), symbols: reader.symbols() };
};

describe('tables', () => {
  it.each([
    [
      'recv_ns,event_ms,trade_ms,trade_id,price,qty,taker_side',
      `${ns},1,${atMs},9,61837.63,0.02,sell`,
      'trade',
      61837.63,
    ],
    ['recv_ns,event_ms,update_id,bid,bid_qty,ask,ask_qty', `${ns},,9,10.0,3,10.5,1`, 'quote', 10.25],
    ['open_ms,open,high,low,close,volume', '1546300800000,1,2,3,3833.1,5.8', 'bar', 3833.1],
    ['open_ms,o,h,l,c,volume', '1546300800000,1,2,3,3833.1,5.8', 'bar', 3833.1],
    ['symbol,side,price,amount,time', 'BTC-USD,sell,25741.02,3.844E-5,2023-09-05T16:00:01.281719Z', 'trade', 25741.02],
    ['time,price', '1700000000000,1', 'trade', 1],
  ])('[T1] %s', async (header, line, kind, price) => {
    const { all, bad } = await read(`${header}\n${line}\n`);
    expect({ all, bad }).toMatchObject({ all: [{ kind, price }], bad: [] });
  });

  it('[T1] the time of receipt counts, and of a bar when it began', async () => {
    expect((await read(`recv_ns,event_ms,price\n${ns},${atMs - 5},1`)).all).toMatchObject([{ atMs }]);
    expect((await read(`open_time,close\n${atMs},1`)).all).toMatchObject([{ atMs, kind: 'bar' }]);
  });

  it('[T5] a symbol is read of the first venue that has it', async () => {
    const second = Math.floor(atMs / 1000);
    const rows = [
      `okx,BTC-USD,${second},1`,
      `okx,ETH-USD,${second},2`,
      `kraken,ETH-USD,${second},3`,
      `gemini,A-B,${second},4`,
    ];
    const content = `exchange,symbol,time,price\n${rows.join('\n')}`;
    const prices = async (symbol?: string) => (await read(content, symbol)).all.map(({ price }) => price);
    expect([await prices(), await prices('ETH-USD'), await prices('A-B')]).toEqual([[1], [2], [4]]);
  });

  it('[T2] says what is wrong with a row', async () => {
    const rows = [`${ns},2,1,1,1`, `${ns},x,1,1,1`, `${ns},20,,21,1`];
    const { all, bad } = await read(`recv_ns,bid,bid_qty,ask,ask_qty\n${rows.join('\n')}`);
    expect(bad).toEqual(['2: the bid 2 is above the ask 1', '3: the bid must be a number above zero, got "x"']);
    expect(all).toMatchObject([{ kind: 'quote', price: 20.5 }]);
  });
});

describe('recordings', () => {
  const line = (event: object, second = 0): string =>
    `${1_723_161_254 + second}087891268 ${JSON.stringify({ stream: 'btcusdt@x', data: event })}`;
  const trade = (s: string, p: string) => ({ e: 'trade', E: atMs, s, t: 1, p, q: '0.1', T: atMs, m: true, M: true });
  const quote = (s: string, b: string, a = b) => ({ u: 1, s, b, B: '3', a, A: '1' });
  const prices = ({ all }: { all: readonly Observation[] }): number[] => all.map(({ price }) => price);

  it('[T4] trades and best quotes count; what says nothing about the price is skipped', async () => {
    const depth = { e: 'depthUpdate', s: 'BTCUSDT', U: 1, u: 2, b: [['1', '2']], a: [] };
    const snapshot = { lastUpdateId: 5, bids: [], asks: [] };
    const { all, counts } = await read(
      [line(trade('BTCUSDT', '61685.99')), line(depth), line(snapshot), line(quote('BTCUSDT', '10.0', '11.0'))].join(
        '\n',
      ),
    );
    expect(all).toEqual([
      { kind: 'trade', atMs, price: 61685.99 },
      { kind: 'quote', atMs, price: 10.5, bidSize: 3, askSize: 1 },
    ]);
    expect(counts).toEqual({ lines: 4, good: 2, skipped: 2, bad: 0, goingBack: 0 });
  });

  it('[T4] a quote with an empty side has no middle', async () => {
    expect((await read(line(quote('BTCUSDT', '42000', '0.00000000')))).all).toEqual([]);
  });

  it('[T4] a book that is crossed, or wider than a tenth, has no middle, as with a producer', async () => {
    const lines = [quote('BTCUSDT', '11', '10'), quote('BTCUSDT', '10', '99'), trade('BTCUSDT', '10.5')];
    expect(prices(await read(lines.map((event, i) => line(event, i)).join('\n')))).toEqual([10.5]);
  });

  it('[T4] leaves trades out once there are quotes', async () => {
    const events = [trade('BTCUSDT', '1'), quote('BTCUSDT', '2'), trade('BTCUSDT', '3'), quote('BTCUSDT', '4')];
    const { all, counts } = await read(events.map((event, i) => line(event, i)).join('\n'));
    expect(all.map(({ price }) => price)).toEqual([1, 2, 4]);
    expect(counts).toMatchObject({ lines: 4, good: 3, skipped: 1, bad: 0 });
  });

  it('[T5] takes the first symbol, or the one asked for, by either of its names', async () => {
    const content = [trade('BTCUSDT', '1'), quote('ETHUSDT', '2'), trade('BTCUSDT', '3')].map(line).join('\n');
    expect(prices(await read(content))).toEqual([1, 3]);
    for (const name of ['ETH-USDT', 'ETHUSDT', 'ethusdt']) expect(prices(await read(content, name))).toEqual([2]);
    const { all, symbols } = await read(content, 'SOL-USDT');
    expect({ all, symbols }).toEqual({ all: [], symbols: ['BTC-USDT', 'ETH-USDT'] });
  });

  it('[T5] a name that cannot be split wants --symbol', async () => {
    await expect(read(line(trade('QQQ', '1')))).rejects.toThrow(
      'holds "QQQ", and where base and quote meet is not known',
    );
    expect(prices(await read(line(trade('QQQ', '1')), 'Q-QQ'))).toEqual([1]);
  });

  it('[T11] knows how far it is', async () => {
    expect((await read(line(trade('BTCUSDT', '1')))).progress).toBe(1);
  });
});
