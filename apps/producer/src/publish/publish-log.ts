import { openSync, writeSync } from 'node:fs';
import type { History } from '@tickwire/channel-layer';
import { createStateLog, type Logger, StartError } from '@tickwire/runtime';

/**
 * Writes every message of an append to a file before it is sent, as the line of JSON that a plain client receives.
 * Messages that Redis then rejects are in the file too: of several lines for one position at most one was published.
 * Written synchronously, so that the file is complete even if the process is killed. When it cannot be written, as on a
 * full disk, messages are published all the same.
 * @throws StartError if it cannot be opened
 */
export const logAppends = (history: History, file: string, logger: Pick<Logger, 'warn' | 'info'>): History => {
  const descriptor = open(file);
  const unwritten = createStateLog({
    logger,
    trouble: 'PUBLISH_LOG cannot be written: it lacks what is published meanwhile',
    over: 'PUBLISH_LOG is written again',
  });
  /** The file ends in the middle of a line: a full disk takes a part. */
  let isTorn = false;
  const write = (text: string): void => {
    try {
      const bytes = Buffer.from(isTorn ? `\n${text}` : text);
      isTorn = true;
      for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
      isTorn = false;
      unwritten.worked();
    } catch (error) {
      unwritten.failed({ file, err: error });
    }
  };
  return {
    ...history,
    append(batches, fence) {
      const lines = batches.flatMap(({ group, messages }) =>
        messages.map((message) => `${JSON.stringify({ channel: group, ...message })}\n`),
      );
      if (lines.length > 0) write(lines.join(''));
      return history.append(batches, fence);
    },
  };
};

const open = (file: string): number => {
  try {
    return openSync(file, 'a');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new StartError(`PUBLISH_LOG is ${JSON.stringify(file)}, but that file cannot be written: ${code}`, {
      cause: error,
    });
  }
};
