import { openSync, writeSync } from 'node:fs';
import type { History } from '@tickwire/channel-layer';

/**
 * Writes every message of an append to a file before it is sent, as the line of JSON that a plain client receives.
 * Messages that Redis then rejects are in the file too: of several lines for one position at most one was published.
 * Written synchronously, so that the file is complete even if the process is killed.
 */
export const logAppends = (history: History, file: string): History => {
  const descriptor = openSync(file, 'a');
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
