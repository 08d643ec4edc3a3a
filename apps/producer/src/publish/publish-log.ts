import { openSync, writeSync } from 'node:fs';
import type { History } from '@tickwire/channel-layer';
import { StartError } from '@tickwire/runtime';

/**
 * Writes every message of an append to a file before it is sent, as the line of JSON that a plain client receives.
 * Messages that Redis then rejects are in the file too: of several lines for one position at most one was published.
 * Written synchronously, so that the file is complete even if the process is killed.
 * @throws StartError if it cannot be opened
 */
export const logAppends = (history: History, file: string): History => {
  const descriptor = open(file);
  return {
    ...history,
    append(batches, fence) {
      const lines = batches.flatMap(({ group, messages }) =>
        messages.map((message) => `${JSON.stringify({ channel: group, ...message })}\n`),
      );
      if (lines.length > 0) writeSync(descriptor, lines.join(''));
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
