import { describe, expect, it } from '@jest/globals';
import type { Message } from '@tickwire/channel-layer';
import { openCatalog } from './catalog.js';

const open = async () => {
  const lines: object[] = [];
  let hear: (message: Message) => void = () => {};
  const catalog = await openCatalog(
    {
      tap(_group, listener) {
        hear = (message) => listener({ message });
        return Promise.resolve(() => {});
      },
    },
    { warn: (fields: object) => lines.push(fields), info: (fields: object) => lines.push(fields) },
  );
  return { catalog, lines, hear: (symbols: unknown) => hear({ type: 'feed.catalog', symbols } as Message) };
};
const bitcoin = { venue: 'sim', symbol: 'BTC-USD' };

describe('the catalog', () => {
  it('[G133] knows every well-formed channel until symbols are reported, then those of these symbols', async () => {
    const { catalog, hear } = await open();
    const names = ['trade.sim.BTC-USD', 'bar-1m.sim.ETH-USD', 'trade.sim', 'quote.sim.BTC-USD', ''];
    expect(names.map(catalog.knows)).toEqual([true, true, false, false, false]);
    hear([bitcoin]);
    expect(names.map(catalog.knows)).toEqual([true, false, false, false, false]);
  });

  it('[G133] keeps what it knows of each symbol, and drops fields it does not know', async () => {
    const { catalog, hear } = await open();
    hear([{ ...bitcoin, priceDecimals: 2, simulated: true, other: 'x' }]);
    expect(catalog.entries).toEqual([{ ...bitcoin, priceDecimals: 2, simulated: true }]);
  });

  it('[G134] a message that is not a catalog leaves the symbols as they were, and is logged when it begins and ends', async () => {
    const { catalog, hear, lines } = await open();
    hear([bitcoin]);
    for (let i = 0; i < 5; i += 1) hear([{ venue: 'sim', symbol: 'btc' }]);
    hear('all');
    expect(catalog.entries).toEqual([bitcoin]);
    expect(lines).toEqual([expect.objectContaining({ at: 'symbols.0.symbol', times: 1 })]);
    hear([]);
    expect([catalog.entries, lines[1]]).toEqual([[], { times: 5 }]);
  });
});
