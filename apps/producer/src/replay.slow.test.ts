import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createMemoryHistory, createMemoryLease, type Message } from '@tickwire/channel-layer';
import { caseFile } from '@tickwire/market/testing';
import { createLogger, createNoStateStore, type Logger } from '@tickwire/runtime';
import { waitFor } from '../../../tests/support/wait-for.js';
import { producerConfig } from './config.js';
import { createProducerMetrics } from './operations/metrics.js';
import { startProducer } from './producer.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tickwire-replay-'));
});
afterAll(() => rm(folder, { recursive: true }));

const at = Date.UTC(2025, 0, 1);
/** One trade a second. */
const trade = (name: string, id: number, price = '42000'): string => {
  const ms = at + id * 1_000;
  return `${ms}000000 {"e":"trade","E":${ms},"s":"${name}","t":${id},"p":"${price}","q":"0.1","T":${ms},"m":true}`;
};

interface Line {
  readonly level: 'info' | 'warn';
  readonly text: string;
  readonly details: Record<string, unknown>;
}

const noteLines = (lines: Line[]): Logger => {
  const logger = createLogger('test', 'silent');
  const note =
    (level: Line['level']) =>
    (details: object, text?: string): void =>
      void lines.push({ level, text: text ?? '', details: { ...details } });
  return Object.assign(logger, { info: note('info'), warn: note('warn') });
};

/** Replays a recording to its end. */
const replay = async (file: string, variables: Readonly<Record<string, string>> = {}) => {
  const lines: Line[] = [];
  const messages: { readonly group: string; readonly message: Message }[] = [];
  const producer = await startProducer({
    config: producerConfig({ FEED: 'replay', REPLAY_FILE: file, REPLAY_SPEED: '100', ...variables }),
    logger: noteLines(lines),
    history: createMemoryHistory({ publish: (group, message) => void messages.push({ group, message }) }),
    layer: { groupSend: async (group, message) => void messages.push({ group, message }) },
    lease: createMemoryLease({ owner: 'test' }),
    state: createNoStateStore(),
    metrics: createProducerMetrics(() => undefined),
  });
  await waitFor('the end', () => producer.hasEnded);
  const ended = lines.find(({ text }) => text.startsWith('the recording has ended'));
  return { producer, lines, messages, ended, [Symbol.asyncDispose]: producer.close };
};

const fileOf = async (name: string, lines: readonly string[]): Promise<string> => {
  await writeFile(join(folder, name), lines.join('\n'));
  return join(folder, name);
};

describe('a replay', () => {
  it('[P100] logs at its end how its lines were used', async () => {
    const depth = `${at}000000 {"e":"depthUpdate","s":"BTCUSDT"}`;
    const file = await fileOf('counted.ws', [trade('BTCUSDT', 1), depth, 'damaged', trade('BTCUSDT', 2)]);
    await using run = await replay(file);
    expect(run.ended).toMatchObject({
      level: 'info',
      text: 'the recording has ended',
      details: { lines: 4, usedLines: 2, badLines: 1, ignoredLines: 1, ignored: { depthUpdate: 1 } },
    });
  });

  it('[P100] ends with a warning if its lines are not in the order of time', async () => {
    const rows = [1, 2, 9, 10, 1, 2].map((second) => `${at + second * 1_000},${second},1,buy`);
    await using run = await replay(await fileOf('twice.csv', ['time,price,size,side', ...rows]), { SYMBOLS: 'A-B' });
    expect(run.ended).toMatchObject({
      level: 'warn',
      text: 'the recording has ended; its lines are not in the order of time',
      details: { usedLines: 6, olderLines: 2 },
    });
  });

  it('[P101] bad lines make one line of log in ten seconds', async () => {
    const damaged = Array.from({ length: 300 }, (_, i) => trade('BTCUSDT', i + 2, '0'));
    await using run = await replay(await fileOf('bad.ws', [trade('BTCUSDT', 1), ...damaged]));
    const reported = run.lines.filter(({ text }) => text === 'bad line in the recording');
    expect(reported).toMatchObject([{ details: { lineNumber: 2, times: 1 } }]);
    expect(run.ended?.details).toMatchObject({ badLines: 300 });
  });

  it('[P102] SYMBOLS decides what a name means, and the symbol of a table without names', async () => {
    const groups = async (file: string, SYMBOLS: string): Promise<boolean> => {
      await using run = await replay(file, { SYMBOLS });
      return run.messages.some(({ group }) => new RegExp(`^(trade|ticker)\\.\\w+\\.${SYMBOLS}$`).test(group));
    };
    expect(await groups(await fileOf('s.ws', [trade('QQQ', 1)]), 'Q-QQ')).toBe(true);
    expect(await groups(await fileOf('b.ws', [trade('BTCBIDR', 1)]), 'BTCB-IDR')).toBe(true);
    expect(await groups(await fileOf('table.csv', ['time,price,size,side', `${at},1,1,buy`]), 'ETH-EUR')).toBe(true);
    await expect(replay(await fileOf('c.ws', [trade('BTCUSDT', 1)]), { SYMBOLS: 'ETH-USDT' })).rejects.toThrow(
      /holds BTC-USDT, but SYMBOLS asks for ETH-USDT$/,
    );
    await expect(replay(await fileOf('d.ws', [trade('QQQ', 1)]))).rejects.toThrow(/name it in SYMBOLS, as BTC-USDT$/);
  });

  it('[P103] is stale after its end: open bars close, health continues, and nothing else follows', async () => {
    const trades = Array.from({ length: 200 }, (_, i) => trade('BTCUSDT', i + 1, `${42_000 + (i % 7)}`));
    await using run = await replay(await fileOf('ends.ws', trades));
    const ofType = (type: string) => run.messages.filter(({ message }) => message['type'] === type);
    // At a hundred times real speed this is over a minute of the recording's time.
    const healthAtEnd = ofType('feed.health').length;
    await waitFor('health to go on', () => ofType('feed.health').length >= healthAtEnd + 15);
    expect(ofType('feed.health').at(-1)?.message).toMatchObject({ state: 'stale', reason: 'the recording has ended' });
    expect(run.producer.streams()).toMatchObject([{ state: 'stale', reason: 'the recording has ended' }]);
    const bars = ofType('price.bar').filter(
      ({ message }) => message['closed'] === true && message['interval'] === '1s',
    );
    expect(bars.at(-1)?.message).toMatchObject({ start: at + 200_000, trades: 1 });
    const forecasts = ofType('price.forecast').map(({ message }) => Number(message['rts']));
    expect(forecasts.length).toBeGreaterThan(10);
    expect(Math.max(...forecasts)).toBeLessThanOrEqual(at + 200_000);
  });

  it.each([
    'agg.ws',
    'bidr.ws',
    'own.ws',
    'susdt.ws',
    'trades-us.csv',
    'us.ws',
    'zero-btcusdt.csv',
    'newest-first.csv',
  ])('[P100] of %s, which was once silent or wrong, uses its good lines', async (name) => {
    const file = caseFile(name);
    if (!file) {
      process.stderr.write(`notice: no ${name} beside the repository\n`);
      return;
    }
    await using run = await replay(file, name.endsWith('.csv') ? { SYMBOLS: 'BTC-USDT' } : {});
    const isBad = name.startsWith('zero');
    expect(run.ended?.text).toBe(`the recording has ended${isBad ? ', and most of its lines were bad' : ''}`);
    const prices = run.messages.flatMap(({ message }) => [message['price'] ?? [], message['last'] ?? []].flat());
    expect(prices.length).toBeGreaterThan(0);
    expect(prices.filter((price) => !(Number(price) > 0))).toEqual([]);
  });
});
