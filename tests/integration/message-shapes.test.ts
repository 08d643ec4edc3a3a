import { describe, expect, it } from '@jest/globals';
import {
  catalogGroup,
  catalogSchema,
  channelMessageSchemas,
  currentPriceSchema,
  noticeSchemas,
  publishedSchema,
} from '@tickwire/protocol';
import { startMarket } from '../support/fake-market.js';
import { connectPlain } from '../support/plain-client.js';

type Fields = Readonly<Record<string, unknown>>;

const schemas = [
  ...Object.values(channelMessageSchemas),
  ...Object.values(noticeSchemas),
  catalogSchema.extend(publishedSchema.shape),
];

/** The message as its schema has it: a field that the schema lacks is not there any more. */
const asWritten = (message: Fields): unknown =>
  schemas.find(({ shape }) => shape.type.value === message['type'])?.parse(message);

describe('the shapes of messages', () => {
  it('[G130] what a gateway sends has every field of its schema and no other', async () => {
    await using market = await startMarket({ SYMBOLS: 'BTC-USD', SIM_RATE: '200', SIM_PAST_MINUTES: '302' });
    const kinds = ['trade', 'ticker', 'bar-1s', 'bar-1m', 'forecast', 'health', 'gap'];
    const channels = kinds.map((kind) => `${kind}.sim.BTC-USD`);
    using client = await connectPlain(`${market.url}/ws/prediction/`);
    await client.until('a price', ({ price }) => price !== undefined);
    client.socket.send(JSON.stringify({ subscribe: [...channels, 'nope'], unsubscribe: ['trade.sim.NO-SUCH'] }));
    for (const type of ['price.trade', 'price.ticker', 'price.bar', 'feed.health', 'channel.refused'])
      await client.until(type, (message) => message['type'] === type);

    for (const message of client.messages) {
      if (message['type'] === undefined) {
        // With the newest forecast, which is there from the first second on.
        const schema = currentPriceSchema.extend({ forecast: channelMessageSchemas.Forecast.exactOptional() });
        expect(schema.parse(message)).toEqual(message);
        continue;
      }
      const { channel, ...fields } = message;
      expect(typeof channel).toBe('string');
      const isNotice = /^channel\./.test(String(message['type']));
      expect(asWritten(isNotice ? message : fields)).toEqual(isNotice ? message : fields);
      if (!/^(price|feed)\./.test(String(message['type']))) continue;
      // The update of an open bar is not kept, and so has no position.
      const isOpen = message['closed'] === false;
      expect(() => (isOpen ? publishedSchema.pick({ pts: true }) : publishedSchema).parse(fields)).not.toThrow();
      if (isOpen) expect(fields).not.toHaveProperty('seq');
    }
    const [catalog] = await market.history.newest([catalogGroup], 1);
    expect(asWritten(catalog?.messages[0] ?? {})).toEqual(catalog?.messages[0]);
  });

  it('[G130] a field that no schema has is noticed, however deep', () => {
    const trade = {
      type: 'price.trade',
      venue: 'sim',
      symbol: 'BTC-USD',
      ts: 1,
      rts: 2,
      id: '1',
      price: '1',
      size: '2',
    };
    expect(asWritten({ ...trade, side: 'buy' })).toEqual({ ...trade, side: 'buy' });
    expect(asWritten({ ...trade, side: 'buy', taker: 'ann' })).not.toHaveProperty('taker');
    expect(() => asWritten({ ...trade, side: 'buy', price: '0.00' })).toThrow('price');
    const horizon = channelMessageSchemas.Forecast.shape.horizons.element.partial();
    expect(horizon.parse({ seconds: 1, extra: 1 })).toEqual({ seconds: 1 });
  });
});
