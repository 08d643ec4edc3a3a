import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import {
  createExchangeFeed,
  createRecorder,
  type ExchangeFeed,
  type ExchangeFeedOptions,
  type FeedNotice,
  readMarket,
  type Venue,
  type VenueName,
  venueNames,
  venueOf,
} from '@tickwire/market';
import { btcRecording } from '@tickwire/market/testing';
import { isNightly } from '../support/depth.js';
import {
  createFeedRecord,
  type FakeExchange,
  type FakeServer,
  type FeedRecord,
  fakeSymbols,
  startExchange,
} from '../support/exchanges/index.js';
import { undoneAfterEach } from '../support/opened.js';
import { waitFor } from '../support/wait-for.js';

interface Rig {
  readonly exchange: FakeExchange;
  readonly server: FakeServer;
  readonly feed: ExchangeFeed;
  readonly record: FeedRecord;
  readonly notices: readonly FeedNotice[];
  readonly symbols: readonly string[];
}

const undos = undoneAfterEach();

/** Quick to notice and quick to reconnect: the real limits are held in virtual time, beside the sources. */
const impatient = (venue: VenueName, more: Partial<Venue> = {}): Venue => {
  const real = venueOf(venue);
  const keepalive = { ...real.keepalive, silentMs: 1_500, answerMs: 1_000 };
  return { ...real, keepalive, connects: [{ max: 5, perMs: 1_000 }], rest: { ...real.rest, gapMs: 20 }, ...more };
};

const startRig = async (
  venue: VenueName,
  more: Partial<Venue> = {},
  options: Partial<ExchangeFeedOptions> = {},
  prepare: (exchange: FakeExchange) => void = () => {},
): Promise<Rig> => {
  const symbols = fakeSymbols[venue].map(({ symbol }) => symbol);
  const { exchange, server, close } = await startExchange(venue);
  undos.push(close);
  for (const symbol of symbols) exchange.trade(symbol, 3);
  prepare(exchange);
  const record = createFeedRecord();
  const notices: FeedNotice[] = [];
  const feed = createExchangeFeed({
    venue: impatient(venue, more),
    symbols,
    onNotice: (notice) => notices.push(notice),
    urls: { sockets: [server.socketUrl], rest: [server.httpUrl] },
    ...options,
  });
  undos.push(feed.close);
  await feed.start(record.onEvents);
  return { exchange, server, feed, record, notices, symbols };
};

/** Trades of all symbols until the test undoes it. */
const keepTrading = ({ exchange, symbols }: Rig, everyMs = 20): (() => void) => {
  const timer = setInterval(() => {
    for (const symbol of symbols) {
      exchange.trade(symbol);
      exchange.quote(symbol);
    }
  }, everyMs);
  const stop = (): void => clearInterval(timer);
  undos.push(stop);
  return stop;
};

const allLive = ({ record, symbols }: Rig): boolean => symbols.every((symbol) => record.state(symbol) === 'live');
const isUpToDate = ({ record, exchange, symbols }: Rig): boolean =>
  symbols.every((symbol) => record.tradeIds(symbol).at(-1) === exchange.truth(symbol).at(-1)?.id);
const faults = ({ record, exchange, symbols }: Rig): readonly string[] =>
  symbols.flatMap((symbol) => record.faultsOf(symbol, exchange));

describe.each(venueNames)('a feed of %s over real sockets', (venue) => {
  test('[M70] [M78] brings every trade, across a connection that is torn off', async () => {
    const rig = await startRig(venue);
    const stop = keepTrading(rig);
    await waitFor('live', () => allLive(rig));
    await waitFor('trades', () => rig.record.events.length > 100);
    rig.server.destroySockets();
    await waitFor('the loss', () => rig.notices.some(({ kind }) => kind === 'lost'));
    await waitFor('live again', () => rig.feed.status().connected === 2 && allLive(rig), 30_000);
    stop();
    await waitFor('the last trade', () => isUpToDate(rig));
    expect(faults(rig)).toEqual([]);
    for (const symbol of rig.symbols) expect(rig.record.gaps(symbol)).toEqual([]);
    expect(rig.exchange.violations).toEqual([]);
  });

  test('[M74] learns what the venue lists, over HTTP', async () => {
    const rig = await startRig(venue);
    const { listed } = await readMarket(venue, [], { restUrls: [rig.server.httpUrl] });
    expect(listed.map(({ symbol }) => symbol)).toEqual(rig.symbols);
  });
});

/** What of a connection each venue does in the same way: one of them stands for all. */
describe.each(isNightly ? venueNames : venueNames.slice(0, 1))('a connection to %s over real sockets', (venue) => {
  test('[M86] gives up a connection whose other end has gone without a word', async () => {
    const rig = await startRig(venue);
    await waitFor('a connection', () => rig.feed.status().connected === 1);
    rig.exchange.halfOpenAll();
    const lost = await waitFor('the loss', () => rig.notices.find(({ kind }) => kind === 'lost'), 20_000);
    expect(lost).toMatchObject({ reason: expect.stringContaining('no answer to a ping') });
    await waitFor('a connection again', () => rig.feed.status().connected === 2, 30_000);
  });

  test('[M89] changes connections before the cut without a moment down', async () => {
    const rig = await startRig(venue, { maxConnectionMs: 8_000 });
    const stop = keepTrading(rig, 50);
    await waitFor('a replacement', () => rig.notices.some(({ kind }) => kind === 'replaced'), 40_000);
    stop();
    await waitFor('the last trade', () => isUpToDate(rig));
    expect(faults(rig)).toEqual([]);
    expect(rig.notices.filter(({ kind }) => kind === 'lost')).toEqual([]);
    for (const symbol of rig.symbols) {
      expect(rig.record.gaps(symbol)).toEqual([]);
      expect(rig.record.states(symbol).filter((state) => state === 'live')).toHaveLength(1);
    }
  });
});

describe('a feed over real sockets', () => {
  test('[M84] reads Retry-After of a refused handshake', async () => {
    const rig = await startRig('binance', {}, {}, ({ faults }) => {
      faults.refuseWith = { status: 429, retryAfterS: 2 };
    });
    await waitFor('the refusal', () => rig.notices.some(({ kind }) => kind === 'lost'));
    expect(rig.notices.find(({ kind }) => kind === 'lost')).toMatchObject({ reason: 'refused with 429' });
    rig.exchange.faults.refuseWith = undefined;
    await waitFor('a connection', () => rig.feed.status().connected === 1);
    const [first = 0, second = 0] = rig.exchange.connectTimes;
    expect(second - first).toBeGreaterThanOrEqual(2_000);
  });

  test('[M83] tries the next address where one does not answer', async () => {
    const rig = await startRig('kraken');
    const urls = {
      sockets: ['ws://127.0.0.1:1/v2', 'not an address', rig.server.socketUrl],
      rest: [rig.server.httpUrl],
    };
    const record = createFeedRecord();
    const notices: FeedNotice[] = [];
    const onNotice = (notice: FeedNotice): unknown => notices.push(notice);
    const feed = createExchangeFeed({ venue: impatient('kraken'), symbols: rig.symbols, urls, onNotice });
    undos.push(feed.close);
    await feed.start(record.onEvents);
    await waitFor('a connection', () => feed.status().connected === 1);
    const reasons = notices.flatMap((notice) => (notice.kind === 'lost' ? [notice.reason] : []));
    expect(reasons).toEqual([expect.stringContaining('ECONNREFUSED'), expect.stringContaining('Invalid URL')]);
  });

  test('[M73] passes over a frame of ten megabytes, and survives one of twenty', async () => {
    const rig = await startRig('coinbase');
    const stop = keepTrading(rig);
    await waitFor('live', () => allLive(rig));
    for (const client of rig.exchange.clients) client.sendRaw(`{"type":"match","x":"${'x'.repeat(10_000_000)}"}`);
    await waitFor('the frame', () => rig.feed.status().frames.oversize === 1);
    expect(rig.notices.some(({ kind }) => kind === 'lost')).toBe(false);
    for (const client of rig.exchange.clients) client.sendRaw(`{"type":"match","x":"${'x'.repeat(20_000_000)}"}`);
    await waitFor('the loss', () => rig.notices.some(({ kind }) => kind === 'lost'));
    await waitFor('live again', () => rig.feed.status().connected === 2 && allLive(rig), 30_000);
    stop();
    await waitFor('the last trade', () => isUpToDate(rig));
    expect(faults(rig)).toEqual([]);
  });

  test('[M70] [M96] brings a recorded hour of frames through unchanged, and records them bit by bit', async () => {
    const recording = await btcRecording();
    const frames: string[] = [];
    for (const file of recording.frameFiles)
      for (const line of gunzipSync(await readFile(file))
        .toString()
        .split('\n'))
        if (line.trim() !== '') frames.push(line.slice(line.indexOf(' ') + 1));
    const wanted = frames.filter((frame) => /@(trade|bookTicker)"/.test(frame));
    const symbols = [{ symbol: recording.symbol, priceDecimals: 8, sizeDecimals: 8 }];
    const { exchange, server, close } = await startExchange('binance', { symbols });
    undos.push(close);
    const folder = await mkdtemp(join(tmpdir(), 'tickwire-feeds-'));
    undos.push(() => rm(folder, { recursive: true }));
    const recorder = createRecorder({
      file: join(folder, 'binance.ws.gz'),
      describe: () => ({ venue: 'binance', pairs: feed.pairs }),
    });
    const feed: ExchangeFeed = createExchangeFeed({
      venue: impatient('binance'),
      symbols: [recording.symbol],
      onRawFrame: recorder.write,
      urls: { sockets: [server.socketUrl], rest: [server.httpUrl] },
    });
    undos.push(feed.close);
    const record = createFeedRecord();
    await feed.start(record.onEvents);
    await waitFor('a connection', () => feed.status().connected === 1);
    const before = feed.status().frames.frames;
    for (const [i, frame] of wanted.entries()) {
      for (const client of exchange.clients) client.sendRaw(frame);
      if (i % 2_000 === 0) await waitFor('the frames before', () => feed.status().frames.frames >= before + i);
    }
    await waitFor('all frames', () => feed.status().frames.frames >= before + wanted.length, 30_000);
    await feed.close();
    await recorder.close();

    const rows = gunzipSync(await readFile(recording.tradesFile))
      .toString()
      .trim()
      .split('\n')
      .slice(1);
    const expected = rows.map((row) => row.split(',').slice(2));
    const trades = record.events.flatMap((event) => (event.kind === 'trade' ? [event.trade] : []));
    expect(trades.map(({ ts, id, price, size, side }) => [String(ts), id, price, size, side])).toEqual(expected);
    expect(record.gaps(recording.symbol)).toEqual([]);
    const lines = gunzipSync(await readFile(recorder.files[0] as string))
      .toString()
      .split('\n');
    const recorded = lines.flatMap((line) =>
      /@(trade|bookTicker)"/.test(line) ? [line.slice(line.indexOf(' ') + 1)] : [],
    );
    expect(recorded).toEqual(wanted);
  });
});
