import { openSync, writeSync } from 'node:fs';
import type { History } from '@tickwire/channel-layer';

/**
 * Notes every message of an append in a file before it is sent, as the line of JSON that a plain client gets. What Redis
 * then rejects is noted too: of several lines for one position at most one was published. Written at once, so that a
 * process that is killed leaves what it sent.
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
