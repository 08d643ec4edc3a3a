import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTimeCheck } from './file-time.js';
import { inspectRecording } from './inspect-recording.js';
import type { RecordedEvent } from './recorded-line.js';
import { createRecordingReader } from './recording-reader.js';

let folder = '';
let files = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tickwire-columns-'));
});
afterAll(() => rm(folder, { recursive: true }));

const short = (event: RecordedEvent): string => {
  if (event.kind === 'trade')
    return `${event.trade.symbol} ${event.trade.price} ${event.trade.side} ${event.trade.size} ${event.trade.id}`;
  if (event.kind === 'price') return `${event.symbol} ${event.price} until ${new Date(event.ts).toISOString()}`;
  return event.kind;
};

const read = async (content: string, symbols: readonly string[] = []) => {
  files += 1;
  const file = join(folder, `${files}-BTCUSD.csv`);
  await writeFile(file, content);
  const checkTime = createTimeCheck();
  const info = await inspectRecording(file, { symbols, checkTime });
  const { instruments } = info;
  const bad: string[] = [];
  const onBadLine = ({ reason }: { readonly reason: string }): void => void bad.push(reason);
  const reader = createRecordingReader({ info, instruments, checkTime, onBadLine });
  const all: string[] = [];
  for await (const lines of reader.read()) all.push(...lines.flatMap(({ events }) => events.map(short)));
  return { all, bad, instruments, counters: reader.counters };
};

const s = Date.UTC(2025, 0, 1) / 1_000;
/** Rows of two instruments in turn. */
const inTurn = (row: (time: number, i: number) => readonly [string, string]): string =>
  Array.from({ length: 5 }, (_, i) => row(s + i, i).join('\n')).join('\n');

describe('the instrument of a row', () => {
  test.each([
    ['ticker', 'BTCUSD', 'ETHUSD'],
    ['currency_pair', 'btc_usd', 'eth_usd'],
    ['coin', 'BTC', 'ETH'],
    ['Base Currency', 'BTC', 'ETH'],
    ['what', 'BTC/USD', 'ETH/USD'],
  ])('[M310] is in the column %p if the rows show it, by its name or by the prices', async (column, btc, eth) => {
    const rows = inTurn((time, i) => [`${time},${btc},${42_000 + i},1,buy`, `${time},${eth},${2_000 + i},1,buy`]);
    const { all, instruments } = await read(`time,${column},price,size,side\n${rows}\n`, ['BTC-USD', 'ETH-USD']);
    expect(instruments.map(({ symbol }) => symbol)).toEqual(['BTC-USD', 'ETH-USD']);
    expect(all.slice(0, 2)).toEqual(['BTC-USD 42000 buy 1 1', 'ETH-USD 2000 buy 1 1']);
  });

  test('[M310] is in two columns, base and quote', async () => {
    const rows = inTurn((time) => [`BTC,USD,${time},42000`, `BTC,EUR,${time},39000`]);
    const { instruments } = await read(`base,quote,time,price\n${rows}\n`);
    expect(instruments.map(({ symbol }) => symbol)).toEqual(['BTC-USD', 'BTC-EUR']);
  });

  test('[M310] names that cannot be requested are not taken for the one instrument of the file', async () => {
    const rows = inTurn((time) => [`${time},12,42000`, `${time},13,2000`]);
    expect(await read(`time,what,price\n${rows}\n`)).toMatchObject({ all: [], instruments: [] });
  });

  test.each([
    ['month', (i: number) => (i < 5 ? 'Jan' : 'Feb'), (i: number) => 100 + 50 * i],
    ['tickDirection', (i: number) => ['PlusTick', 'MinusTick'][i % 2] as string, (i: number) => 100 + 20 * i],
    ['currency', () => 'bitcoin', (i: number) => 100 + i],
  ])('[M310] a column %p names none', async (column, cell, price) => {
    const rows = Array.from({ length: 10 }, (_, i) => `${s + i},${cell(i)},${price(i)}`);
    expect((await read(`time,${column},price\n${rows.join('\n')}\n`)).all).toHaveLength(10);
  });
});

describe('the taker of a row', () => {
  test.each([
    ['time,price,amount,sell', 'true', 'false'],
    ['time,price,amount,taker_side_sell', 'true', 'false'],
    ['time,price,amount,type', 'sell', 'buy'],
    ['time,price,amount,type', 's', 'b'],
    ['time,price,amount,type', '1', '0'],
    ['time,price,amount,ask_bid', 'ASK', 'BID'],
    ['time;price;amount;taker_side', 'SELL_ESTIMATED', 'BUY_ESTIMATED'],
  ])('[M311] is in %p as %p and %p', async (header, sell, buy) => {
    const rows = [sell, buy].map((side, i) => [s + i, 100, 2, side].join(header[4]));
    expect((await read(`${header}\n${rows.join('\n')}\n`)).all).toEqual([
      'BTC-USD 100 sell 2 1',
      'BTC-USD 100 buy 2 2',
    ]);
  });

  test('[M311] is in the sign of the size if no column has it', async () => {
    const { all } = await read(`ID,MTS,AMOUNT,PRICE\n8,${s}000,-0.5,100\n9,${s}001,0.25,101\n`);
    expect(all).toEqual(['BTC-USD 100 sell 0.5 8', 'BTC-USD 101 buy 0.25 9']);
    expect((await read(`time,price,size,side\n${s},5,-1,sell\n`)).bad).toEqual([
      'the size must be a number above zero, got "-1"',
    ]);
  });

  test('[M311] is not in a type of order, nor in a price at which one can sell', async () => {
    const typed = await read(`time,price,size,type\n${s},100,1,limit\n${s},100,1,market\n`);
    const priced = await read(`time,price,volume,buy,sell\n${s},100,1,99,101\n`);
    for (const { all, bad } of [typed, priced]) {
      expect(all[0]).toMatch(/ 100 until /);
      expect(bad).toEqual([]);
    }
  });

  test('[M311] a trade with the best quotes of its moment is a trade', async () => {
    const { all } = await read(`time,price,size,side,bid,ask\n${s},100,1,sell,99,101\n`);
    expect(all).toEqual(['BTC-USD 100 sell 1 1']);
  });

  test('[M311] ids of two kinds are replaced in all rows, so that none is there twice', async () => {
    const { all } = await read(`time,id,price,size,side\n${s},2,5,1,buy\n${s},x,5,1,buy\n${s},1,5,1,buy\n`);
    expect(all.map((each) => each.split(' ').at(-1))).toEqual(['1', '2', '3']);
  });
});

describe('tables that are no market', () => {
  const book = [
    ['b', 99],
    ['b', 98],
    ['a', 101],
    ['a', 103],
  ];
  const snapshots = [0, 1, 2].flatMap((i) => book.map(([side, price]) => `${s + i},${side},${price},1`)).join('\n');

  test.each([
    [`date,type,price,amount\n${snapshots}`, 'snapshots of an order book'],
    [`time,side,price,size\n${snapshots.replaceAll('b', 'bid').replaceAll('a', 'ask')}`, 'snapshots of an order book'],
    [`time,side,time_in_force,price,average_price,order_status\n${s},SELL,IOC,100,101,FILLED`, 'orders'],
    [`time,interval,open,close\n${s},1m,1,2\n${s},1h,1,3`, 'bars of several lengths'],
  ])('[M312] are rejected by what they hold: %j', async (content, what) => {
    await expect(read(`${content}\n`)).rejects.toThrow(` holds ${what}: its columns are "`);
  });

  test('[M312] trades of both sides in one second are trades', async () => {
    const trades = [0, 1, 2].flatMap((i) =>
      book.map(([side, price]) => `${s + i},${side === 'b' ? 's' : 'b'},${price},1`),
    );
    expect((await read(`time,side,price,size\n${trades.join('\n')}\n`)).all).toHaveLength(12);
  });
});

describe('bars', () => {
  test('[M313] that are still open are skipped and counted', async () => {
    const { all, counters } = await read(
      `open_time,close,is_closed\n${s},1,false\n${s},2,true\n${s + 60},3,0\n${s + 60},4,1\n`,
    );
    expect(all).toEqual(['BTC-USD 2 until 2025-01-01T00:01:00.000Z', 'BTC-USD 4 until 2025-01-01T00:02:00.000Z']);
    expect(counters.ignored).toEqual({ 'open bars': 2 });
  });

  test('[M313] of months end with their month', async () => {
    const rows = ['2023-12', '2024-01', '2024-02', '2024-03'].map((month) => `${month}-01,7`);
    expect((await read(`date,close\n${rows.join('\n')}\n`)).all.map((each) => each.slice(-24, -14))).toEqual([
      '2024-01-01',
      '2024-02-01',
      '2024-03-01',
      '2024-04-01',
    ]);
  });
});

test('[M131] a date with the D of kdb+ is a time', async () => {
  const { all } = await read(`timestamp,symbol,price\n2019-01-01D00:00:04.790436000,XBTUSD,3693.5\n`);
  expect(all).toEqual(['XBT-USD 3693.5 until 2019-01-01T00:00:04.790Z']);
});

test.each([
  ['instId,tradeId,px,sz,side,ts', `BTC-USD,7,100,2,buy,${s}000`],
  ['trade_timestamp,trade_price,trade_volume,ask_bid', `${s}000,100,2,BID`],
])('[M133] columns are recognised in the spelling of OKX, Hyperliquid and Upbit: %p', async (header, row) => {
  expect((await read(`${header}\n${row}\n`)).all).toEqual([expect.stringMatching(/^BTC-USD 100 buy 2 [17]$/)]);
});
