import { access, constants } from 'node:fs/promises';
import {
  createReplayFeed,
  discoverInstruments,
  MarketError,
  type ReplayFeed,
  requireUsableLine,
} from '@tickwire/market';
import type { Clock } from '@tickwire/protocol';
import { createStateLog, type Logger, StartError } from '@tickwire/runtime';
import type { ReplayConfig } from './feed-config.js';

/** A file may have millions of bad lines: they make one line of log in this time. */
const badLineMs = 10_000;

/** @throws StartError if the recording cannot be used, has no usable line, or has none of the symbols in SYMBOLS */
export const openReplay = async (
  { file, symbols, speed, shiftToNow }: ReplayConfig,
  untilReady: () => Promise<void>,
  logger: Pick<Logger, 'info' | 'warn'>,
  clock: Clock,
): Promise<ReplayFeed> => {
  const badLines = createStateLog({
    logger,
    trouble: 'bad line in the recording',
    everyMs: badLineMs,
    now: clock.monotonic,
  });
  try {
    await access(file, constants.R_OK);
    const found = await discoverInstruments(file, { symbols });
    const instruments = found.filter(({ symbol }) => symbols.length === 0 || symbols.includes(symbol));
    if (instruments.length === 0) {
      const holds = found.slice(0, 20).map(({ symbol }) => symbol);
      throw new StartError(`REPLAY_FILE ${file} holds ${holds.join(', ')}, but SYMBOLS asks for ${symbols.join(', ')}`);
    }
    await requireUsableLine(file, instruments);
    const missing = symbols.filter((symbol) => !instruments.some((instrument) => instrument.symbol === symbol));
    if (missing.length > 0) logger.warn({ missing }, 'SYMBOLS has some that the recording does not hold');
    const onBadLine = ({ lineNumber, reason }: { lineNumber: number; reason: string }): void =>
      badLines.failed({ lineNumber, reason });
    return createReplayFeed({ file, instruments, speed, shiftToNow, clock, untilReady, onBadLine });
  } catch (error) {
    if (error instanceof MarketError) throw new StartError(`REPLAY_FILE: ${error.message}`, { cause: error });
    if (error instanceof StartError) throw error;
    throw new StartError(`REPLAY_FILE ${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
};

/** Logs how much of the recording was used, after its end. */
export const logReplayed = (
  {
    counters: { lines, usedLines, badLines, badEntries, olderLines, ignoredLines, ignored },
    isCut,
  }: Pick<ReplayFeed, 'counters' | 'isCut'>,
  published: number,
  logger: Pick<Logger, 'info' | 'warn'>,
): void => {
  const details = {
    published,
    lines,
    usedLines,
    badLines,
    ignoredLines,
    ignored,
    ...(badEntries > 0 && { badEntries }),
    ...(olderLines > 0 && { olderLines }),
    ...(isCut && { isCut }),
  };
  if (badLines > usedLines) logger.warn(details, 'the recording has ended, and most of its lines were bad');
  else if (olderLines > 0) logger.warn(details, 'the recording has ended; its lines are not in the order of time');
  else logger.info(details, 'the recording has ended');
};
