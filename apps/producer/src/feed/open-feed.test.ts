import { describe, expect, it } from '@jest/globals';
import { catalogEntry } from './open-feed.js';

const instrument = { venue: 'sim', symbol: 'BTC-USD' };

describe('an entry of the catalog', () => {
  it('[P220] marks simulated and recorded prices, and has their precision once it is known', () => {
    expect(catalogEntry('simulated', instrument, undefined)).toEqual({ ...instrument, simulated: true });
    expect(catalogEntry('replay', instrument, { priceDecimals: undefined })).toEqual({ ...instrument, recorded: true });
    expect(catalogEntry('exchanges', instrument, { priceDecimals: 2 })).toEqual({ ...instrument, priceDecimals: 2 });
  });
});
