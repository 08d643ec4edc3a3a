import { once } from 'node:events';
import { access, constants } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  createExchangeFeed,
  createRecorder,
  type ExchangeFeed,
  MarketError,
  makeFolder,
  type Recorder,
} from '@tickwire/market';
import { parseOptions, RecordError, type RecordOptions, usage } from './options.js';

export interface Terminal {
  /** Receives only the files, one a line. */
  readonly out: { write(text: string): void };
  /** Receives progress and errors. */
  readonly err: { write(text: string): void };
}

const progressMs = 10_000;

/** Runs the command until `stop`; resolves with the exit code. Never throws for an error that the user can fix. */
export const runRecord = async (
  args: readonly string[],
  { out, err }: Terminal,
  stop: AbortSignal,
): Promise<0 | 1 | 2> => {
  try {
    const options = parseOptions(args);
    if (options === undefined) out.write(usage);
    else for (const file of await record(options, err, stop)) out.write(`${file}\n`);
    return 0;
  } catch (error) {
    const mendable = asRecordError(error);
    if (mendable === undefined) throw error;
    err.write(`${mendable.message}\n`);
    return mendable.code === 'usage' ? 2 : 1;
  }
};

const record = async (options: RecordOptions, err: Terminal['err'], stop: AbortSignal): Promise<readonly string[]> => {
  const { venue, symbols, file, maxBytes, maxMs, socketUrls, restUrls } = options;
  await ensureWritable(dirname(file));
  const recorder = createRecorder({
    file,
    rotateBytes: maxBytes,
    rotateMs: maxMs,
    describe: () => ({ venue, pairs: feed.pairs }),
    onError: (error) => err.write(`writing is in trouble, frames wait: ${error.message}\n`),
    onRecovered: (dropped) => err.write(`writing goes on, ${dropped} frames were dropped\n`),
  });
  const feed: ExchangeFeed = createExchangeFeed({
    venue,
    symbols,
    onRawFrame: recorder.write,
    urls: { ...(socketUrls && { sockets: socketUrls }), ...(restUrls && { rest: restUrls }) },
    onNotice: (notice) => {
      if (notice.kind === 'bad-frame') return; // recorded like any other
      const reason = 'reason' in notice && notice.reason !== undefined ? `: ${notice.reason}` : '';
      err.write(`${venue} ${notice.kind}${reason}\n`);
    },
  });
  const progress = setInterval(() => err.write(`${progressLine(feed, recorder)}\n`), progressMs);
  try {
    await feed.start(() => {});
    await stopped(options.forMs, stop);
  } finally {
    clearInterval(progress);
    await feed.close();
    await recorder.close();
  }
  err.write(`${progressLine(feed, recorder)}\n`);
  const { frames, dropped } = recorder.counters;
  if (frames === 0) {
    const what = dropped > 0 ? `nothing of ${dropped} frames could be written to ${dirname(file)}` : 'no frame came';
    throw new RecordError('input', what);
  }
  return recorder.files;
};

/** Resolves after `forMs`, or when `stop` is aborted. */
const stopped = async (forMs: number | undefined, stop: AbortSignal): Promise<void> => {
  if (stop.aborted) return;
  const aborted = once(stop, 'abort');
  if (forMs === undefined) {
    await aborted;
    return;
  }
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, forMs);
  });
  await Promise.race([aborted, over]);
  clearTimeout(timer);
};

const ensureWritable = async (folder: string): Promise<void> => {
  try {
    await makeFolder(folder);
    await access(folder, constants.W_OK);
  } catch (cause) {
    throw new RecordError('input', `--out: nothing can be written to ${folder}: ${(cause as Error).message}`, {
      cause,
    });
  }
};

const progressLine = (feed: ExchangeFeed, { counters, files }: Recorder): string => {
  const streams = feed
    .status()
    .instruments.map(({ symbol, state, reason }) => `${symbol} ${state}${reason === undefined ? '' : ` (${reason})`}`);
  const { frames, dropped } = counters;
  return `${frames} frames, ${dropped} dropped, ${files.length} files; ${streams.join(', ') || 'no stream yet'}`;
};

const asRecordError = (error: unknown): RecordError | undefined => {
  if (error instanceof RecordError) return error;
  if (!(error instanceof MarketError)) return undefined;
  return new RecordError(error.code === 'unknown-symbol' ? 'usage' : 'input', error.message, { cause: error });
};
