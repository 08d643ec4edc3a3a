import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { caseFile, zipOf } from '../testing/index.js';
import { discoverInstruments } from './discover-instruments.js';
import { createTimeCheck } from './file-time.js';
import { inspectRecording } from './inspect-recording.js';
import type { RecordedEvent } from './recorded-line.js';
import { type BadLine, createRecordingReader } from './recording-reader.js';

const at = Date.UTC(2025, 0, 1);
let folder = '';
let files = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tickwire-files-'));
});
afterAll(() => rm(folder, { recursive: true }));

const fileOf = async (content: string | Buffer, name = 'file'): Promise<string> => {
  files += 1;
  const path = join(folder, `${files}-${name}`);
  await writeFile(path, content);
  return path;
};

/** `<price> <kind> <milliseconds since the start>`: enough to see that a file is read correctly. */
const short = (event: RecordedEvent): string => {
  switch (event.kind) {
    case 'trade':
      return `${event.trade.price} ${event.trade.side} ${event.trade.size} ${event.trade.ts - at}`;
    case 'quote':
      return `${event.quote.bid}/${event.quote.ask} ${event.quote.bidSize}/${event.quote.askSize} ${event.quote.rts - at}`;
    case 'price':
      return `${event.price} ${event.barStart === undefined ? 'price' : `bar from ${event.barStart - at}`} ${event.ts - at}`;
    default:
      return event.kind;
  }
};

const readFile = async (file: string, symbols: readonly string[] = []) => {
  const checkTime = createTimeCheck();
  const info = await inspectRecording(file, { symbols, checkTime });
  const instruments = info.instruments.length > 0 ? info.instruments : [{ venue: 'file', symbol: 'X-Y' }];
  const badLines: BadLine[] = [];
  const reader = createRecordingReader({ info, instruments, checkTime, onBadLine: (bad) => badLines.push(bad) });
  const events: RecordedEvent[] = [];
  for await (const lines of reader.read()) events.push(...lines.flatMap((line) => line.events));
  return { all: events.map(short), events, badLines, instruments: info.instruments, counters: reader.counters, reader };
};

const read = async (content: string | Buffer, symbols: readonly string[] = [], name?: string) =>
  readFile(await fileOf(content, name), symbols);

const s = at / 1000;

describe('tables with a header', () => {
  test.each([
    ['id,price,qty,quote_qty,time,is_buyer_maker\n0,42000,0.1,1,1735689600000000,true', '42000 sell 0.1 0'],
    [
      'agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker\n1,2,3,1,1,1735689600005,False',
      '2 buy 3 5',
    ],
    ['timestamp,price,size\n1735689600000000000,42000,0.1', '42000 price 0'],
    ['timestamp,price\n1735689600.25,42000', '42000 price 250'],
    ['symbol,side,price,amount,time\nBTC-USD,Buy,1,3.844E-5,2025-01-01T00:00:00.007Z', '1 buy 0.00003844 7'],
    ['"symbol","side","price","amount","timestamp"\n"BTC-USD","sell",1,2,"2025-01-01T00:00:00.000000Z"', '1 sell 2 0'],
    [
      `exchange,symbol,timestamp,local_timestamp,id,side,price,amount\nderibit,BTC-USD,${s}000000,${s}009000,1,buy,5,6`,
      '5 buy 6 0',
    ],
    [
      `exchange,symbol,timestamp,local_timestamp,ask_amount,ask_price,bid_price,bid_amount\nokx,BTC-USD,${s}000000,${s}009000,1,6,5,2`,
      '5/6 2/1 9',
    ],
    [
      `update_id,best_bid_price,best_bid_qty,best_ask_price,best_ask_qty,transaction_time,event_time\n1,5,2,6,1,${s}000,${s}001`,
      '5/6 2/1 0',
    ],
    [`instrument_name,trade_id,side,price,size,created_time\nBTC-USDT,7,sell,5,6,${s}000`, '5 sell 6 0'],
    [`trade_id/撮合id,side/交易方向,size/数量,price/价格,created_time/成交时间\n7,SELL,6,5,${s}000`, '5 sell 6 0'],
    [
      'time_exchange;time_coinapi;guid;price;base_amount;taker_side\n2025-01-01T00:00:00.0070000;2025-01-01T00:00:00.1;x;5;6;BUY',
      '5 buy 6 7',
    ],
    [`trade_id,timestamp,instrument_name,direction,price,amount\n7,${s}000,BTC-PERPETUAL,buy,5,6`, '5 buy 6 0'],
    [`Time;Bid Price;Ask Price\n${s};5;6`, '5/6 0/0 0'],
    [
      'Timestamp,Open,High,Low,Close,Volume_(BTC),Volume_(Currency),Weighted_Price\n1735689600,1,1,1,42000,1,1,1',
      '42000 bar from 0 60000',
    ],
    ['date,open,high,low,close,volume\n2025-01-01 00:00:00+00:00,1,1,1,42000,1', '42000 bar from 0 60000'],
    [
      'open_time,open,high,low,close,volume,close_time\n1735689600000,1,1,1,42000,1,1735693199999',
      '42000 bar from 0 3600000',
    ],
    ['Date;Time;Open;High;Low;Close\n2025-01-01;00:01:00;1;1;1;5', '5 bar from 60000 120000'],
    ['<DATE>\t<TIME>\t<CLOSE>\n2025.01.01\t00:01\t5', '5 bar from 60000 120000'],
    ['\tdatetime\tclose\n0\t2025-01-01\t5', '5 bar from 0 60000'],
    [
      'unix,date,symbol,open,high,low,close,Volume BTC,Volume USD\n1735689600,2025-01-01 00:00:00,BTC/USD,1,1,1,9,1,1',
      '9 bar from 0 60000',
    ],
  ])('[M133] %p', async (content, expected) => {
    const { all, badLines } = await read(content);
    expect({ all, badLines }).toEqual({ all: [expected], badLines: [] });
  });

  test('[M133] with a byte order mark, any line ends, an address or comments before, and the header again', async () => {
    const rows = ['time,price,size,side', `${s},1,1,buy`, `${s + 1},2,1,sell`];
    const expected = ['1 buy 1 0', '2 sell 1 1000'];
    for (const end of ['\n', '\r\n', '\r']) expect((await read(`\uFEFF${rows.join(end)}${end}`)).all).toEqual(expected);
    const before = ['https://www.CryptoDataDownload.com', '# a comment', '', ...rows.slice(0, 2), rows[0], rows[2]];
    expect((await read(before.join('\r\n'))).all).toEqual(expected);
    expect((await read(Buffer.from(`\uFEFF${rows.join('\r\n')}`, 'utf16le'))).all).toEqual(expected);
  });

  test('[M133] a pair of return and line feed may be split between two reads', async () => {
    const row = `${s},1,1,buy`;
    for (const pad of [0, 1, 2, 3, 4]) {
      const lines = ['time,price,size,side', `#${'x'.repeat(pad)}`, ...new Array<string>(3_500).fill(row)];
      const { counters } = await read(lines.join('\r\n'));
      expect(counters).toMatchObject({ lines: 3_502, usedLines: 3_500, badLines: 0 });
    }
  });

  test('[M133] quoted cells may hold the delimiter and quotes', async () => {
    const { all } = await read(`time,"a, ""name""",price\n${s},"x,y ""z""","7"\n`);
    expect(all).toEqual(['7 price 0']);
  });

  test('[M34] an error in a row is reported with its line', async () => {
    const rows = [
      ',1,1,buy',
      'null 5,1,1,buy',
      `${s},1,1`,
      `${s},0,1,buy`,
      `${s},-5,1,buy`,
      `${s},1,0,buy`,
      `${s},1,1,up`,
      '1000000000,1,1,buy',
    ];
    const { badLines, counters } = await read(`time,price,size,side\n${s},9,9,buy\n${rows.join('\n')}\n`);
    expect(badLines).toEqual([
      { lineNumber: 3, reason: 'time must be a time, got ""' },
      { lineNumber: 4, reason: 'time must be a time, as 2025-01-31T12:00:00Z or 1738324800000, got "null 5"' },
      { lineNumber: 5, reason: 'expected 4 columns, got 3' },
      { lineNumber: 6, reason: 'the price must be a number above zero, got "0"' },
      { lineNumber: 7, reason: 'the price must be a number above zero, got "-5"' },
      { lineNumber: 8, reason: 'the size must be a number above zero, got "0"' },
      { lineNumber: 9, reason: 'the side must be buy or sell, got "up"' },
      { lineNumber: 10, reason: 'time is wrong: 2001-09-09T01:46:40.000Z lies before 2009' },
    ]);
    expect(counters).toMatchObject({ lines: 10, usedLines: 1, badLines: 8, ignoredLines: 0 });
  });

  test('[M137] bars without a close and quotes with one side are skipped and counted', async () => {
    const bars = await read(`time,close\n${s},NaN\n${s + 60},\n${s + 120},5\n${s + 180},null\n${s + 240},0`);
    expect(bars.all).toEqual(['5 bar from 120000 180000']);
    expect(bars.counters).toMatchObject({ ignored: { 'empty bars': 3 }, badLines: 1 });
    const quotes = await read(`time,bid,ask\n${s},0.00,5\n${s},4,\n${s},4,5\n${s},6,5`);
    expect(quotes.all).toEqual(['4/5 0/0 0']);
    expect(quotes.counters).toMatchObject({ ignored: { 'quotes with one side': 2 }, badLines: 1 });
  });

  test('[M133] a symbol of two venues in one file is two instruments', async () => {
    const rows = [`okx,BTC-USD,${s},1`, `deribit,BTC-USD,${s},2`, `A b c,BTC-USD,${s},3`];
    const { events, instruments } = await read(`exchange,symbol,time,price\n${rows.join('\n')}`);
    expect(instruments.map(({ venue }) => venue)).toEqual(['okx', 'deribit', 'file']);
    expect(events).toMatchObject([
      { venue: 'okx', price: '1' },
      { venue: 'deribit', price: '2' },
      { venue: 'file', price: '3' },
    ]);
  });

  test('[M131] each row is read in its own unit of time', async () => {
    const { all } = await read(`time,price\n${s},1\n${s + 1}000,2\n${s + 2}000000,3\n${s + 3}000000000,4\n`);
    expect(all).toEqual(['1 price 0', '2 price 1000', '3 price 2000', '4 price 3000']);
  });
});

describe('tables without a header', () => {
  test.each([
    [`${s}000,1,42001,0.5,42000,9,${s}999,1,2,3,4,0`, '42000 bar from 0 1000'],
    [`1,42000.1,0.5,21000,${s}000000,True,True`, '42000.1 sell 0.5 0'],
    [`1,42000.1,0.5,21000,${s}000,false`, '42000.1 buy 0.5 0'],
    [`1,42000.1,0.5,7,9,${s}000000,True,True`, '42000.1 sell 0.5 0'],
    [`1,42000.1,0.5,7,9,${s}000,false`, '42000.1 buy 0.5 0'],
    [`9,5,2,6,1,${s}000,${s}001`, '5/6 2/1 0'],
    [`${s},122.0,0.1`, '122.0 price 0'],
    [`${s},1,42001,0.5,42000,9`, '42000 bar from 0 60000'],
    [`${s},1,42001,0.5,42000,9,17`, '42000 bar from 0 60000'],
  ])('[M134] %p', async (row, expected) => {
    const { all } = await read(`${row}\n`);
    expect(all).toEqual([expected]);
    expect((await read(gzipSync(row))).all).toEqual([expected]);
    expect((await read(zipOf({ 'BTCUSDT.csv': `${row}\r\n` }))).all).toEqual([expected]);
  });

  test('[M134] a file that was cut at its beginning is read from there', async () => {
    const row = (i: number): string => `${i},42000.1,0.5,21000,${s}000,True,True`;
    expect((await read(`0.5,True,True\n${row(1)}\n${row(2)}\n`)).all).toHaveLength(2);
  });

  type Bar = readonly [open: number, high: number, low: number, close: number];
  const bars: readonly Bar[] = [
    [100, 103, 98, 101],
    [101, 101, 101, 101],
    [101, 102, 97, 98],
  ];
  test.each<[string, (...bar: Bar) => string]>([
    ['Bitfinex', (o, h, l, c) => `${o},${c},${h},${l},7.5`],
    ['Bybit', (o, h, l, c) => `${o},${h},${l},${c},7.5,757.5`],
    ['Coinbase', (o, h, l, c) => `${l},${h},${o},${c},7.5`],
    ['Gate', (o, h, l, c) => `7.5,${c},${h},${l},${o}`],
    ['HTX', (o, h, l, c) => `${o},${c},${l},${h},7.5,757.5,12`],
    ['Kraken', (o, h, l, c) => `${o},${h},${l},${c},7.5,12`],
    ['KuCoin', (o, h, l, c) => `${o},${c},${h},${l},7.5,757`],
    ['OKX', (o, h, l, c) => `${o},${h},${l},${c},7.5,757.5,757.5,1`],
  ])('[M240] the order of prices in bars of %s is found by their values', async (_, row) => {
    const lines = bars.map((bar, i) => `${s + 60 * i},${row(...bar)}`);
    expect((await read(lines.join('\n'))).all).toEqual([
      '101 bar from 0 60000',
      '101 bar from 60000 120000',
      '98 bar from 120000 180000',
    ]);
  });

  test('[M240] numbers that no order makes a bar are not read as bars', async () => {
    const lines = bars.map((_, i) => `${s + 60 * i},${i + 100},3,50,200,1`);
    await expect(read(lines.join('\n'))).rejects.toMatchObject({ code: 'unknown-format' });
  });

  test('[M134] the meaning of unknown columns is not guessed', async () => {
    await expect(read(`a,b,c\n${s},1,2\n`)).rejects.toThrow(/has the columns "a, b, c"; needed are a time/);
  });
});

describe('a file as a whole', () => {
  test('[M241] a changed order of columns in the middle is followed', async () => {
    const { all, badLines } = await read(
      `time,price,size,side\n${s},100,7,buy\ntime,size,price,side\n${s + 1},7,101,buy\nside,time,price,size\nsell,${s + 2},102,7\n`,
    );
    expect(all).toEqual(['100 buy 7 0', '101 buy 7 1000', '102 sell 7 2000']);
    expect(badLines).toEqual([]);
  });

  test('[M241] rows below another kind of table are bad until the first one is back', async () => {
    const { all, badLines } = await read(
      `time,price,size\n${s},100,7\ntime,open,close\n${s + 1},1,2\n${s + 2},1,2\ntime,price,size\n${s + 3},103,7\n`,
    );
    expect(all).toEqual(['100 price 0', '103 price 3000']);
    expect(badLines.map(({ lineNumber }) => lineNumber)).toEqual([3, 4, 5]);
    expect(badLines[1]?.reason).toBe('the header above it has other columns: "time,open,close"');
  });

  test.each([
    'exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount',
    'timestamp,symbol,side,price,size,level',
    'symbol,timestamp,trans_id,first_update_id,last_update_id,side,update_type,price,qty,pu',
  ])('[M242] changes of an order book are not read as trades: %s', async (header) => {
    const row = header
      .split(',')
      .map((name) => ({ timestamp: s, side: 'bid', price: 5, amount: 1, size: 1, qty: 1 })[name] ?? 1);
    await expect(read(`${header}\n${row.join(',')}\n`)).rejects.toThrow(/ holds changes of an order book: /);
  });

  test('[M135] one that begins with the newest row is read from its end, lines keep their numbers', async () => {
    const rows = Array.from({ length: 5_000 }, (_, i) => `${(s + 60 * (5_000 - i)).toString()},${i + 1}`);
    rows[2_499] = 'damaged';
    const { all, badLines } = await read(`time,close\n${rows.join('\n')}\n`);
    expect(all).toHaveLength(4_999);
    expect(all[0]).toBe('5000 bar from 60000 120000');
    expect(all.at(-1)).toBe('1 bar from 300000000 300060000');
    expect(badLines.map(({ lineNumber }) => lineNumber)).toEqual([2_501]);
  });

  test('[M132] with impossible times is rejected with a sentence', async () => {
    await expect(read('time,price\n1000000000,1\n1000000001,2\n')).rejects.toThrow(
      /^the times of .* cannot be right: 2001-09-09T01:46:40.000Z lies before 2009$/,
    );
    await expect(read('9999999999999 {"e":"trade","s":"BTCUSDT"}\n')).rejects.toThrow(/lies after tomorrow$/);
  });

  test('[M136] an archive with no file or several is rejected with their names; files that macOS adds do not count', async () => {
    const row = `${s},1,42001,0.5,42000,9\n`;
    expect((await read(zipOf({ 'a.csv': row, '__MACOSX/._a.csv': 'x' }))).all).toHaveLength(1);
    await expect(read(zipOf({ 'a.csv': row, 'b.csv': row }))).rejects.toThrow('2 files ("a.csv", "b.csv"');
    await expect(read(zipOf({}))).rejects.toThrow('holds no file');
    const whole = zipOf({ 'a.csv': row.repeat(1000) });
    await expect(read(whole.subarray(0, 100))).rejects.toMatchObject({ code: 'unreadable-file' });
  });

  test('[M244] in UTF-16 of either order, with or without a mark, packed or not, is read', async () => {
    const text = `time,price,size,side\n${s},1,1,buy\n${s + 1},2,1,sell\n`;
    const little = (content: string): Buffer => Buffer.from(content, 'utf16le');
    for (const content of [text, `\uFEFF${text}`]) {
      for (const bytes of [little(content), little(content).swap16()]) {
        expect((await read(bytes)).all).toEqual(['1 buy 1 0', '2 sell 1 1000']);
        expect((await read(gzipSync(bytes))).all).toHaveLength(2);
        expect((await read(zipOf({ 'a.csv': bytes }))).all).toHaveLength(2);
      }
    }
  });

  test.each([
    ['zstd', '28b52ffd24004900'],
    ['xz', 'fd377a585a000004'],
    ['bzip2', '425a683931415926'],
    ['7-Zip', '377abcaf271c0004'],
    ['Parquet', '5041523115041520'],
    ['Arrow', '4152524f57310000'],
    ['HDF5', '894844460d0a1a0a'],
    ['SQLite', '53514c69746520666f726d6174203300'],
  ])('[M245] of %s is named', async (kind, hex) => {
    await expect(read(Buffer.concat([Buffer.from(hex, 'hex'), Buffer.from('time,price\n')]))).rejects.toThrow(
      new RegExp(`is a file of ${kind}: convert it to CSV or unpack it first$`),
    );
  });

  test('[M290] a folder, a pipe and a device are rejected, and nothing waits for them', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    await expect(discoverInstruments(folder)).rejects.toThrow(`${folder} is a folder: a file is needed`);
    await expect(discoverInstruments(pipe)).rejects.toThrow(`${pipe} is a pipe or a device: a file is needed`);
    await expect(discoverInstruments('/dev/zero')).rejects.toThrow('/dev/zero is a pipe or a device');
  });

  test('[M290] a packed file with something behind its end says so', async () => {
    const file = await fileOf(Buffer.concat([gzipSync('time,price\n1,1\n'), Buffer.from('more')]), 'a.csv.gz');
    await expect(discoverInstruments(file)).rejects.toThrow(`${file} is damaged, or goes on behind its packed part: `);
  });

  test('[M245] a workbook is named', async () => {
    const workbook = zipOf({ '[Content_Types].xml': '<x/>', 'xl/workbook.xml': '<x/>' });
    await expect(read(workbook)).rejects.toThrow(/is a workbook: save it as CSV first$/);
  });

  test('[M141] of one long line is not called empty', async () => {
    await expect(read('x'.repeat(5_000_000))).rejects.toThrow(/holds no line of less than 4,000,000 characters$/);
  });

  test('[M133] the header may stand behind long comments, and an overlong line', async () => {
    const table = `time,price\n${s},1\n`;
    expect((await read(`${`#${'x'.repeat(900)}\n`.repeat(150)}${table}`)).all).toHaveLength(1);
    expect((await read(`${'x'.repeat(5_000_000)}\n${table}`)).all).toHaveLength(1);
  });

  test('[M250] a decimal comma is read where semicolons separate cells, unless it could be one of thousands', async () => {
    const table = (...prices: readonly string[]): string =>
      `time;price;size;side\r\n${prices.map((price, i) => `${s + i};${price};0,25;buy\r\n`).join('')}`;
    expect((await read(table('100,5', '1234,56', '101', '99,125'))).all).toEqual([
      '100.5 buy 0.25 0',
      '1234.56 buy 0.25 1000',
      '101 buy 0.25 2000',
      '99.125 buy 0.25 3000',
    ]);
    for (const content of [
      `time;price\n${s};42,000\n`,
      `time;price\n${s};42.5\n${s};43,5\n`,
      `time,price\n${s},"42,5"\n`,
    ]) {
      const { badLines } = await read(content);
      expect(badLines.at(-1)?.reason).toMatch(
        /^the price must be a number above zero, with a point if it has decimals, got "4/,
      );
    }
    const late = `${'100,5;0,25;buy'.replace(/^/, `${s};`)}\n`.repeat(300);
    const { badLines } = await read(`time;price;size;side\n${late}${s};42.500;1;buy\n`);
    expect(badLines).toEqual([
      { lineNumber: 302, reason: 'price has a point in a file with decimal commas, got "42.500"' },
    ]);
  });

  test('[M249] lines older than one before them are counted', async () => {
    const rows = [s + 9, s, s + 1, s + 10, s + 9.5, s + 11].map((time) => `${time},1`);
    expect((await read(`time,price\n${rows.join('\n')}\n`)).counters).toMatchObject({ usedLines: 6, olderLines: 2 });
  });

  test('[M246] a few odd times do not change the length of the bars', async () => {
    const minutes = Array.from({ length: 60 }, (_, i) => s + 60 * i + (i === 30 ? 1 : 0));
    const { all } = await read(`time,close\n${minutes.map((time) => `${time},1`).join('\n')}\n`);
    expect(all.at(-1)).toBe('1 bar from 3540000 3600000');
  });

  test('[M141] of an unknown kind is quoted without harm', async () => {
    await expect(read('\u001b]0;x\u0007a,price\n1,2\n')).rejects.toThrow('"\\u001b]0;x\\u0007a, price"');
    await expect(read('x'.repeat(3_000_000))).rejects.toThrow(/^.{1,300}$/);
  });

  test('[M141] an error in a frame is reported without harm too', async () => {
    const trade = { e: 'trade', E: at, s: 'BTCUSDT', t: 1, p: '\u009b2J', q: '1', T: at, m: true };
    const { badLines } = await read(`${s}000000000 ${JSON.stringify(trade)}\n`);
    expect(badLines).toMatchObject([{ reason: expect.stringMatching(/^expected [ -~]*\\u009b2J/) }]);
  });

  test('[M30] progress reaches 1 at the end', async () => {
    const { reader } = await read(`time,price\n${s},1\n`);
    expect(reader.progress()).toBe(1);
  });
});

describe('frames without a header', () => {
  const line = (frame: object, ns = `${s}000000000`): string => `${ns} ${JSON.stringify(frame)}`;
  const binanceTrade = { e: 'trade', E: at, s: 'BTCUSDT', t: 1, p: '42000', q: '0.1', T: at, m: true, M: true };
  const aggregate = {
    e: 'aggTrade',
    E: at,
    s: 'BTCUSDT',
    a: 7,
    p: '42000',
    q: '0.1',
    f: 1,
    l: 1,
    T: at,
    m: true,
    M: true,
  };

  test('[M139] aggregated trades are played unless the file has single trades', async () => {
    const alone = await read(line(aggregate));
    expect(alone.events).toMatchObject([{ kind: 'trade', trade: { id: '7', ts: at, side: 'sell' } }]);
    const both = await read([line(aggregate), line(binanceTrade)].join('\n'));
    expect(both.events).toMatchObject([{ trade: { id: '1' } }]);
    expect(both.counters.ignored).toEqual({ aggTrade: 1 });
  });

  test('[M139] times in microseconds are read by their digits', async () => {
    const fine = { ...binanceTrade, E: at * 1000 + 999, T: at * 1000 + 5_999 };
    const { events, badLines } = await read(line({ stream: 'btcusdt@trade', data: fine }));
    expect(events).toMatchObject([{ trade: { ts: at + 5 } }]);
    expect(badLines).toEqual([]);
  });

  test.each([
    ['without a header', ''],
    ['of our own', '# tickwire-recording {"venue":"kraken","pairs":[{"symbol":"BTC-USD","name":"BTC/USD"}]}\n'],
  ])(
    '[M217] %s: a bad trade among good ones of a frame is counted and reported, and the others are used',
    async (_, header) => {
      const firstLine = header === '' ? 1 : 2;
      const entry = (id: number, qty: string): string =>
        `{"symbol":"BTC/USD","side":"buy","price":42000.5,"qty":${qty},"trade_id":${id},"timestamp":"${new Date(at).toISOString()}"}`;
      const line = (...entries: string[]): string =>
        `${s}000000000 {"channel":"trade","type":"update","data":[${entries.join()}]}\n`;
      const { events, badLines, counters } = await read(
        header +
          line(entry(1, '0.1')) +
          line(entry(2, '0'), entry(3, '0.1')) +
          line(entry(4, '0')) +
          line(entry(5, '1')),
      );
      expect(events.flatMap((event) => (event.kind === 'trade' ? [event.trade.id] : []))).toEqual(['1', '3', '5']);
      const bad = { reason: expect.stringContaining('positive qty') };
      expect(badLines).toEqual([
        { ...bad, lineNumber: firstLine + 1 },
        { ...bad, lineNumber: firstLine + 2 },
      ]);
      expect(counters).toMatchObject({ usedLines: 3, badLines: 1, badEntries: 1, ignoredLines: 0 });
    },
  );

  test('[M139] of Coinbase and Kraken are recognised by their form', async () => {
    const match = {
      type: 'match',
      trade_id: 5,
      side: 'sell',
      size: '1',
      price: '2',
      product_id: 'BTC-USD',
      sequence: 1,
      time: '2025-01-01T00:00:00.001Z',
    };
    const coinbase = await read([line({ type: 'subscriptions', channels: [] }), line(match)].join('\n'));
    expect(coinbase.all).toEqual(['2 buy 1 1']);
    expect(coinbase.instruments).toEqual([{ venue: 'coinbase', symbol: 'BTC-USD' }]);
    const data =
      '{"symbol":"BTC/USD","side":"buy","price":42000.50,"qty":0.1,"ord_type":"limit","trade_id":9,"timestamp":"2025-01-01T00:00:00.001Z"}';
    const kraken = await read(`${s}000000000 {"channel":"trade","type":"update","data":[${data}]}`);
    expect(kraken.all).toEqual(['42000.50 buy 0.1 1']);
    expect(kraken.instruments).toEqual([{ venue: 'kraken', symbol: 'BTC-USD' }]);
  });

  test('[M139] the time before a frame may be in any unit, with a fraction, and have a colon behind it', async () => {
    for (const time of [`${s}`, `${s}.25`, `${s}.250000:`, `${s}250`, `${s}250000`, `${s}250000000`]) {
      const { events } = await read(`${time} ${JSON.stringify(binanceTrade)}\n`);
      expect(events).toMatchObject([{ trade: { rts: time === `${s}` ? at : at + 250 } }]);
    }
  });

  test('[M140] unused lines are counted by kind, in few kinds for any file', async () => {
    const odd = Array.from({ length: 50 }, (_, i) => line({ e: `kind${i}`, s: 'BTCUSDT' }));
    const others = [
      line({ ...binanceTrade, s: 'ETHUSDT' }),
      line({ e: 'depthUpdate', s: 'BTCUSDT' }),
      line({ e: '\u001b[31m', s: 'BTCUSDT' }),
    ];
    const { counters } = await read([...others, line(binanceTrade), ...odd].join('\n'), ['BTC-USDT']);
    expect(counters).toMatchObject({ usedLines: 2, ignoredLines: 52 });
    expect(counters.ignored).toMatchObject({ depthUpdate: 1 });
    expect(Object.keys(counters.ignored).length).toBeLessThanOrEqual(21);
  });
});

describe('names of symbols', () => {
  const frame = (name: string): string =>
    `${s}000000000 {"e":"trade","E":${at},"s":"${name}","t":1,"p":"1","q":"1","T":${at},"m":true}`;

  test.each([
    ['SUSDT', 'S-USDT'],
    ['BTCBIDR', 'BTC-BIDR'],
    ['BTCBIDR', 'BTCB-IDR'],
    ['QQQ', 'Q-QQ'],
  ])('[M138] of %p the one asked for decides: %p', async (name, symbol) => {
    const file = await fileOf(frame(name), 'frames.ws');
    expect(await discoverInstruments(file, { symbols: [symbol] })).toEqual([{ venue: 'binance', symbol }]);
    expect((await readFile(file, [symbol])).events).toMatchObject([{ trade: { symbol } }]);
  });

  test('[M138] a base may have one letter, and the longest known quote is taken', async () => {
    expect(await discoverInstruments(await fileOf(frame('SUSDT')))).toEqual([{ venue: 'binance', symbol: 'S-USDT' }]);
    expect(await discoverInstruments(await fileOf(frame('BTCBIDR')))).toEqual([
      { venue: 'binance', symbol: 'BTC-BIDR' },
    ]);
    await expect(discoverInstruments(await fileOf(frame('QQQ')))).rejects.toThrow('holds "QQQ"');
  });

  test.each([
    ['XBTUSD', 'XBT-USD'],
    ['DOTUSD', 'DOT-USD'],
    ['BTCTUSD', 'BTC-TUSD'],
    ['ETHFDUSD', 'ETH-FDUSD'],
    ['tBTCUSD', 'BTC-USD'],
    ['btc_usdt', 'BTC-USDT'],
  ])('[M243] of %p in a table is %p', async (name, symbol) => {
    expect(await discoverInstruments(await fileOf(`time,pair,price\n${s},${name},1\n`))).toMatchObject([{ symbol }]);
  });

  test('[M243] one with two possible quotes and no known base must be requested', async () => {
    const file = await fileOf(`time,pair,price\n${s},GRTUSD,1\n`);
    await expect(discoverInstruments(file)).rejects.toThrow(
      'holds "GRTUSD", and where base and quote meet is not known',
    );
    expect(await discoverInstruments(file, { symbols: ['GRT-USD'] })).toMatchObject([{ symbol: 'GRT-USD' }]);
    expect(await discoverInstruments(await fileOf(`time,exchange,symbol,price\n${s},binance,btcusdt,1\n`))).toEqual([
      { venue: 'binance', symbol: 'BTC-USDT' },
    ]);
  });

  test('[M138] a requested one is found however late it comes', async () => {
    const file = await fileOf(`${`${frame('BTCUSDT')}\n`.repeat(12_000)}${frame('ETHUSDT')}\n`);
    expect(await discoverInstruments(file)).toHaveLength(1);
    const symbols = ['ETH-USDT'];
    expect(await discoverInstruments(file, { symbols })).toContainEqual({ venue: 'binance', symbol: 'ETH-USDT' });
  });

  test('[M138] a table without names has the one requested symbol, or else that of the file name', async () => {
    const table = `${s},1,2,0.5,42000,9\n`;
    const named = await fileOf(table, 'Bitstamp_BTCUSD_1m.csv');
    expect(await discoverInstruments(named)).toEqual([{ venue: 'file', symbol: 'BTC-USD' }]);
    expect(await discoverInstruments(named, { symbols: ['ETH-EUR'] })).toEqual([{ venue: 'file', symbol: 'ETH-EUR' }]);
    await expect(discoverInstruments(await fileOf(table))).rejects.toThrow('found no instrument in');
    for (const name of ['BTC_USD-1m.csv', 'bitstamp-BTC-USD-2025.csv'])
      expect(await discoverInstruments(await fileOf(table, name))).toEqual([{ venue: 'file', symbol: 'BTC-USD' }]);
    await expect(discoverInstruments(await fileOf(table, 'bitstamp_btc_2025.csv'))).rejects.toThrow(
      'found no instrument',
    );
  });
});

describe('files that were once read wrongly', () => {
  test.each([
    ['agg.ws', ['42000 sell 0.1 0'], 0],
    ['bars-s.csv', undefined, 0],
    ['bidr.ws', ['1600000000 sell 0.1 0'], 0],
    ['naive-dst.csv', undefined, 0],
    ['newest-first.csv', undefined, 0],
    ['own.ws', undefined, 0],
    ['susdt.ws', ['0.5 sell 0.1 0'], 0],
    ['trades-ns.csv', undefined, 0],
    ['trades-us.csv', undefined, 0],
    ['us.ws', ['42000 sell 0.1 0'], 0],
    ['zero-btcusdt.csv', undefined, 4],
    ['zero-questdb.csv', undefined, 2],
  ])('[M130] %s', async (name, expected, bad) => {
    const file = caseFile(name);
    if (!file) {
      process.stderr.write(`notice: no ${name} beside the repository\n`);
      return;
    }
    const { all, events, badLines } = await readFile(file);
    if (expected) expect(all).toEqual(expected);
    expect(badLines).toHaveLength(bad);
    const times = events.map((event) =>
      event.kind === 'price' ? event.ts : event.kind === 'trade' ? event.trade.ts : 0,
    );
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(all.length).toBeGreaterThan(name.startsWith('zero-questdb') ? -1 : 0);
  });
});
