import { describe, expect, it } from '@jest/globals';
import { createManualClock } from '@tickwire/protocol/testing';
import { createLogger } from '@tickwire/runtime';
import { catalogEntry } from './open-feed.js';
import { openSimulated } from './open-simulated.js';

const instrument = { venue: 'sim', symbol: 'BTC-USD' };

describe('an entry of the catalog', () => {
  it('[P220] marks simulated and recorded prices, and has their precision once it is known', () => {
    expect(catalogEntry('simulated', instrument, undefined)).toEqual({ ...instrument, simulated: true });
    expect(catalogEntry('replay', instrument, { priceDecimals: undefined })).toEqual({ ...instrument, recorded: true });
    expect(catalogEntry('exchanges', instrument, { priceDecimals: 2 })).toEqual({ ...instrument, priceDecimals: 2 });
  });
});

describe('a simulated market', () => {
  it('[P250] that began more than an hour ago, or is still to begin, is a warning at the start', async () => {
    const clock = createManualClock(10_000_000);
    const warningsOf = async (beganMs: number): Promise<readonly string[]> => {
      const warnings: string[] = [];
      const logger = createLogger('test', 'silent');
      logger.warn = (text: unknown) => void warnings.push(String(text));
      const config = {
        kind: 'simulated',
        symbols: ['BTC-USD'],
        seed: 'a',
        tradesPerSecond: 5,
        pastMinutes: 1_439,
        beganMs,
      } as const;
      const { feed } = openSimulated(config, async () => {}, logger, clock);
      // The warning comes before the past is computed.
      await feed.close();
      await expect(feed.start(() => {})).rejects.toThrow('starts once');
      return warnings;
    };
    expect(await warningsOf(10_000_000 - 3_600_001)).toEqual([
      'SIM_BEGAN_MS is more than an hour ago, and no more is computed: this market has trade ids of its own',
    ]);
    expect(await warningsOf(10_000_001)).toEqual([
      'SIM_BEGAN_MS has not come yet: the market begins now, with trade ids of its own',
    ]);
    expect(await warningsOf(10_000_000 - 3_600_000)).toEqual([]);
  });
});
