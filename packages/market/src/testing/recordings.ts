import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { createManualClock } from '@tickwire/protocol/testing';
import type { FeedEvent } from '../feed.js';
import { createSimulatedFeed } from '../simulated/simulated-feed.js';

/** A recording of a Binance connection in parts, and all its trades as a table. */
export interface Recording {
  readonly symbol: string;
  readonly frameFiles: readonly string[];
  /** CSV with header `recv_ns,event_ms,trade_ms,trade_id,price,qty,taker_side`. */
  readonly tradesFile: string;
}

const recorded = fileURLToPath(new URL('../../../../../shared/data/recorded/', import.meta.url));

/** Path of a recorded file, if recordings are beside the repository. */
export const recordedFile = (name: string): string | undefined => {
  const path = join(recorded, name);
  return existsSync(path) ? path : undefined;
};

const cases = fileURLToPath(new URL('../../../../../shared/cases/market/', import.meta.url));

/** Path of a small file that was once read wrongly, if such files are beside the repository. */
export const caseFile = (name: string): string | undefined => {
  const path = join(cases, name);
  return existsSync(path) ? path : undefined;
};

/** Eleven minutes of BTC-USDT; without recordings a generated one of the same form, with a notice. */
export const btcRecording = (): Promise<Recording> => recordingOf('BTC-USDT');

/** ETH-USDT in the same minutes as `btcRecording`. */
export const ethRecording = (): Promise<Recording> => recordingOf('ETH-USDT');

const recordingOf = async (symbol: RecordedSymbol): Promise<Recording> => {
  const name = `binance-spot-${symbol.replace('-', '').toLowerCase()}`;
  const tradesFile = recordedFile(`${name}-20240809.trades.csv.gz`);
  const frameFiles = ['08', '09'].map((day) => recordedFile(`${name}_202408${day}.ws.gz`));
  if (tradesFile && frameFiles.every((file) => file !== undefined))
    return { symbol, frameFiles: frameFiles as string[], tradesFile };
  process.stderr.write(`notice: no recording of ${symbol} found, testing with a generated one\n`);
  return generateRecording(await mkdtemp(join(tmpdir(), 'tickwire-recording-')), symbol);
};

type RecordedSymbol = 'BTC-USDT' | 'ETH-USDT';

/** Writes seven simulated minutes into a folder in the form of the recordings, with clocks 1,273 ms apart. */
export const generateRecording = async (folder: string, symbol: RecordedSymbol = 'BTC-USDT'): Promise<Recording> => {
  const wireName = symbol.replace('-', '');
  const stream = wireName.toLowerCase();
  const frames: string[] = [];
  const trades = ['recv_ns,event_ms,trade_ms,trade_id,price,qty,taker_side'];
  const clock = createManualClock();
  const feed = createSimulatedFeed({ symbols: [symbol], tradesPerSecond: 30, clock, pastMinutes: 0 });
  const write = (event: FeedEvent): void => {
    if (event.kind === 'trade') {
      const { ts, rts, id, price, size, side } = event.trade;
      const receivedNs = `${rts}${id.slice(-6)}`;
      const time = ts + 1273;
      const data = `{"e":"trade","E":${time},"s":"${wireName}","t":${id},"p":"${price}","q":"${size}","T":${time},"m":${side === 'sell'},"M":true}`;
      frames.push(`${receivedNs} {"stream":"${stream}@trade","data":${data}}`);
      trades.push([receivedNs, time, time, id, price, size, side].join(','));
    } else if (event.kind === 'quote') {
      const { rts, bid, bidSize, ask, askSize } = event.quote;
      const data = `{"u":${frames.length},"s":"${wireName}","b":"${bid}","B":"${bidSize}","a":"${ask}","A":"${askSize}"}`;
      frames.push(`${rts}000000 {"stream":"${stream}@bookTicker","data":${data}}`);
    }
  };
  await feed.start((events) => events.forEach(write));
  clock.advance(420_000);
  await feed.close();
  const half = Math.floor(frames.length / 2);
  const frameFiles = [join(folder, 'first-half.ws.gz'), join(folder, 'second-half.ws.gz')];
  await writeFile(frameFiles[0] as string, gzipSync(`${frames.slice(0, half).join('\n')}\n`));
  await writeFile(frameFiles[1] as string, gzipSync(`${frames.slice(half).join('\n')}\n`));
  const tradesFile = join(folder, `generated-${stream}.trades.csv.gz`);
  await writeFile(tradesFile, gzipSync(`${trades.join('\n')}\n`));
  return { symbol, frameFiles, tradesFile };
};

/** A frame and its receive time in milliseconds. */
export interface WireFrame {
  readonly rts: number;
  readonly text: string;
}

const wire = fileURLToPath(new URL('../../../../../shared/data/wire/', import.meta.url));

/**
 * Frames of a real connection (lines `<seconds>: <frame>`), if recordings are beside the repository; otherwise the
 * substitute, with a notice.
 */
export const wireFrames = (name: string, substitute: readonly string[]): readonly WireFrame[] => {
  if (!existsSync(wire + name)) {
    process.stderr.write(`notice: no ${name}, testing with frames written by hand\n`);
    return substitute.map((text, i) => ({ rts: 1_618_677_817_000 + i, text }));
  }
  return readFileSync(wire + name, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const match = /^(\d+\.\d+): (.*)$/.exec(line);
      return match ? [{ rts: Math.floor(Number(match[1]) * 1000), text: match[2] as string }] : [];
    });
};
