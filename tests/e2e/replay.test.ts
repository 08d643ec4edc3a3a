import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { createSimulatedFeed, type FeedEvent } from '@tickwire/market';
import { createManualClock } from '@tickwire/protocol/testing';
import { Redis } from 'ioredis';
import { WebSocket } from 'ws';
import { isNightly } from '../support/depth.js';
import { urlFor } from '../support/limited-users.js';
import { readLines, recordedFile } from '../support/recordings.js';
import { startRedisServer } from '../support/redis-server.js';
import { startTickwire } from '../support/tickwire-process.js';
import { waitFor } from '../support/wait-for.js';

const clientsPerGateway = isNightly ? 50 : 3;
const channel = 'trade.binance.BTC-USDT';
const folders: string[] = [];

interface RecordedTrade {
  readonly id: string;
  readonly price: string;
  readonly size: string;
}

/** The recording of a real exchange, by day its beginning, or where there is none one that the simulator makes. */
const recording = async (): Promise<string> => {
  const real = recordedFile('binance-spot-btcusdt_20240809.ws.gz');
  if (real !== undefined && isNightly) return real;
  if (real === undefined)
    process.stderr.write('no recording beside this checkout: replaying one that the simulator made\n');
  const folder = await mkdtemp(join(tmpdir(), 'tickwire-recording-'));
  folders.push(folder);
  const file = join(folder, 'binance-spot-btcusdt.ws');
  await writeFile(file, real === undefined ? await simulatedRecording() : await beginningOf(real));
  return file;
};

const tradesByDay = 2_000;

const beginningOf = async (file: string): Promise<string> => {
  let text = '';
  let trades = 0;
  for await (const line of readLines(file)) {
    text += `${line}\n`;
    if (line.includes('@trade"')) trades += 1;
    if (trades === tradesByDay) break;
  }
  return text;
};

const simulatedRecording = async (): Promise<string> => {
  const clock = createManualClock(1_700_000_000_000);
  const feed = createSimulatedFeed({
    symbols: ['BTC-USDT'],
    seed: 'recording',
    tradesPerSecond: 50,
    clock,
    pastMinutes: 0,
  });
  const lines: string[] = [];
  const onEvents = (events: readonly FeedEvent[]): void => {
    for (const event of events) {
      if (event.kind !== 'trade') continue;
      const { ts, rts, id, price, size, side } = event.trade;
      const data = {
        e: 'trade',
        E: ts,
        s: 'BTCUSDT',
        t: Number(id),
        p: price,
        q: size,
        T: ts,
        m: side === 'sell',
        M: true,
      };
      lines.push(`${rts}000000 ${JSON.stringify({ stream: 'btcusdt@trade', data })}`);
    }
  };
  await feed.start(onEvents);
  clock.advance(120_000);
  await feed.close();
  return `${lines.join('\n')}\n`;
};

/** Read independently of the product's own parser. */
const tradesOf = async (file: string): Promise<RecordedTrade[]> => {
  const trades: RecordedTrade[] = [];
  for await (const line of readLines(file)) {
    const { data } = JSON.parse(line.slice(line.indexOf(' ') + 1)) as { data?: Record<string, unknown> };
    if (data?.['e'] === 'trade')
      trades.push({ id: String(data['t']), price: String(data['p']), size: String(data['q']) });
  }
  return trades;
};

interface Follower {
  readonly socket: WebSocket;
  readonly trades: RecordedTrade[];
  readonly seqs: number[];
  readonly others: unknown[];
}

const follow = async (url: string): Promise<Follower> => {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/ws/prediction/?channels=${channel}`);
  const follower: Follower = { socket, trades: [], seqs: [], others: [] };
  socket.on('message', (data) => {
    const message = JSON.parse(data.toString()) as Record<string, unknown>;
    if (message['type'] !== 'price.trade') {
      follower.others.push(message);
      return;
    }
    follower.trades.push({ id: String(message['id']), price: String(message['price']), size: String(message['size']) });
    follower.seqs.push(Number(message['seq']));
  });
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  return follower;
};

const digest = (trades: readonly RecordedTrade[]): string =>
  createHash('sha256').update(JSON.stringify(trades)).digest('hex');

describe('the main job on real input', () => {
  afterAll(async () => {
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
  });

  it('[E1] a recording reaches every client of every gateway: each trade in order, exactly once, its strings untouched', async () => {
    const file = await recording();
    const expected = await tradesOf(file);
    expect(expected.length).toBeGreaterThan(1_000);
    await using redis = await startRedisServer();
    const REDIS_URL = redis.url;
    await using first = await startTickwire('gateway', { REDIS_URL });
    await using second = await startTickwire('gateway', { REDIS_URL });
    const followers: Follower[] = [];
    for (const { url } of [first, second]) {
      for (let i = 0; i < clientsPerGateway; i += 1) followers.push(await follow(url));
    }
    const probe = new Redis(urlFor('operator', redis.url));
    await waitFor('both gateways to subscribe', async () => {
      const [, subscribers] = (await probe.call('PUBSUB', 'NUMSUB', `asgi__group__${channel}`)) as [string, number];
      return subscribers === 2;
    });
    probe.disconnect();
    await using producer = await startTickwire('producer', {
      REDIS_URL,
      FEED: 'replay',
      REPLAY_FILE: file,
      REPLAY_SPEED: '60',
    });
    const isComplete = (): boolean => {
      // A client that was notified of a loss, or was sent away, waits in vain.
      const lost = followers.find(({ others, socket }) => others.length > 0 || socket.readyState !== WebSocket.OPEN);
      if (lost !== undefined) throw new Error(`a client has lost trades: ${JSON.stringify(lost.others)}`);
      return followers.every((follower) => follower.trades.length >= expected.length);
    };
    await waitFor('every client to have every trade', isComplete, 120_000).catch((error: unknown) => {
      const counts = followers.map(({ trades, socket }) => `${trades.length} (${socket.readyState})`).join(', ');
      const logs = [producer, first, second].map((each) => each.output().slice(-2_000)).join('\n\n');
      throw new Error(`of ${expected.length} trades clients have ${counts}\n${logs}`, { cause: error });
    });
    await waitFor('the producer to say it is done', async () => {
      const health = (await (await fetch(`${producer.url}/readyz`)).json()) as { hasEnded: boolean };
      return health.hasEnded;
    });
    const wanted = digest(expected);
    for (const follower of followers) {
      expect(digest(follower.trades)).toBe(wanted);
      expect(follower.seqs).toEqual(expected.map((_, index) => index + 1));
      expect(follower.others).toEqual([]);
      expect(follower.socket.readyState).toBe(WebSocket.OPEN);
      follower.socket.terminate();
    }
  });
});
