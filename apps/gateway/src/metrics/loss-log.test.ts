import { describe, expect, it } from '@jest/globals';
import { createMemoryHistory, createMemoryLayer } from '@tickwire/channel-layer';
import { createHub, type HubCounters } from '@tickwire/hub';
import { waitFor } from '../../../../tests/support/wait-for.js';
import { openLossLog } from './loss-log.js';

describe('the log of losses', () => {
  it('[G280] says at once what was lost, and how much more after a minute', async () => {
    const layer = createMemoryLayer();
    const hub = createHub({ source: { layer, history: createMemoryHistory({ publish: () => {} }) } });
    const counters = hub.counters as HubCounters;
    const lines: unknown[] = [];
    const clock = { ms: 0 };
    const log = openLossLog({
      logger: { warn: (details: unknown, text?: unknown) => lines.push([details, text]) },
      counters,
      sampleMs: 1,
      now: () => clock.ms,
    });
    const lost = 'publications lost: history no longer had them';
    counters.lost = 3;
    counters.duplicates = 9;
    await waitFor('the first line', () => lines.length > 0);
    counters.lost = 5;
    counters.forged = 1;
    await waitFor('the line of another kind', () => lines.length > 1);
    clock.ms = 60_000;
    await waitFor('the rest', () => lines.length > 2);
    log.close();
    expect(lines).toEqual([
      [{ count: 3 }, lost],
      [{ count: 1 }, 'messages dropped: they claim a position that history does not reach'],
      [{ count: 2 }, lost],
    ]);
    await hub.close();
    await layer.close();
  });
});
