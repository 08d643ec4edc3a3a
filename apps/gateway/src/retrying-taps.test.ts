import { describe, expect, it } from '@jest/globals';
import { LayerUnavailable } from '@tickwire/channel-layer';
import { createManualClock } from '@tickwire/protocol/testing';
import { waitFor } from '../../../tests/support/wait-for.js';
import { createRetryingTaps } from './retrying-taps.js';

const lines: unknown[] = [];
const logger = { warn: (line: unknown) => void lines.push(line), info: () => {} };

const createHub = () => {
  const state = { isAway: true, tries: 0, open: 0, error: new LayerUnavailable('away') as Error };
  return {
    state,
    async tap() {
      state.tries += 1;
      if (state.isAway) throw state.error;
      state.open += 1;
      return () => {
        state.open -= 1;
      };
    },
  };
};

describe('retrying taps', () => {
  it('[GL90] open a channel that could not be opened once Redis is there', async () => {
    const hub = createHub();
    const clock = createManualClock();
    const untap = await createRetryingTaps({ hub, logger, clock }).tap('catalog', () => {});
    for (const tries of [2, 3]) {
      clock.advance(500);
      await waitFor('another try', () => hub.state.tries === tries && clock.pending === 1);
    }
    hub.state.isAway = false;
    clock.advance(500);
    await waitFor('the tap', () => hub.state.open === 1);
    untap();
    expect([hub.state.open, clock.pending]).toEqual([0, 0]);
  });

  it('[GL90] that end while they wait, or while one is being opened, leave nothing behind', async () => {
    const hub = createHub();
    const clock = createManualClock();
    const taps = createRetryingTaps({ hub, logger, clock });
    (await taps.tap('catalog', () => {}))();
    expect(clock.pending).toBe(0);
    const untap = await taps.tap('catalog', () => {});
    hub.state.isAway = false;
    clock.advance(500);
    untap();
    await waitFor('the try', () => hub.state.tries === 3);
    await waitFor('its end', () => hub.state.open === 0);
    expect(clock.pending).toBe(0);
  });

  it('[GL90] pass on what is not Redis being away, and log it where it comes later', async () => {
    const hub = createHub();
    const clock = createManualClock();
    const taps = createRetryingTaps({ hub, logger, clock });
    const untap = await taps.tap('catalog', () => {});
    hub.state.error = new RangeError('a bad name');
    await expect(taps.tap('catalog', () => {})).rejects.toThrow('a bad name');
    expect(lines).toEqual([]);
    clock.advance(500);
    await waitFor('the next try to be set', () => hub.state.tries === 3 && clock.pending === 1);
    expect(lines).toEqual([{ channel: 'catalog', err: hub.state.error, times: 1 }]);
    untap();
  });
});
