import { describe, expect, it } from '@jest/globals';
import { gatewayConfig } from '../../config.js';
import type { Client, GatewayContext, Scope } from '../consumer.js';
import { predictionConsumer } from './prediction.js';

/** How a client of the price ends at a gateway that has waited for symbols in vain. */
const endOf = async (lost: string | undefined): Promise<unknown[]> => {
  const closes: unknown[] = [];
  const context = {
    hub: {},
    catalog: { known: async () => [], find: () => undefined },
    layerLoss: { reason: lost },
    config: gatewayConfig({}),
  } as unknown as GatewayContext;
  const session = { isClosed: false, close: (...why: unknown[]) => closes.push(...why) };
  const scope = { query: new URLSearchParams() } as Scope;
  const streams = { open: () => Promise.reject(new Error('not asked for')), close: () => {} };
  await predictionConsumer(context, streams)
    .create({ session } as unknown as Client, scope)
    .connect();
  return closes;
};

describe('a price of which no symbol is known', () => {
  it('[G320] is not to be had while Redis is away, and not made where it is there', async () => {
    expect(await endOf('connection refused')).toEqual(['unavailable']);
    expect(await endOf(undefined)).toEqual(['noPricesYet', 'no prices yet: the producer has not started']);
  });
});
