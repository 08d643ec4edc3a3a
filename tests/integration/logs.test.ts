import { describe, expect, it } from '@jest/globals';
import { connectPlain } from '../support/plain-client.js';
import { startTickwire } from '../support/tickwire-process.js';
import { makeToken } from '../support/tokens.js';
import { waitFor } from '../support/wait-for.js';

const secret = 'a secret of some length, for tests';
const btc = 'trade.sim.BTC-USD';
const access = { AUTH: 'jwt', AUTH_JWT_SECRET: secret, AUTH_ALLOW: '*' };

const linesOf = (output: string): readonly Readonly<Record<string, unknown>>[] =>
  output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('the log', () => {
  it('[E94] has time, level, version and gateway in each line, and at debug the life of a client without its token', async () => {
    await using app = await startTickwire('standalone', {
      ...access,
      LOG_LEVEL: 'debug',
      GATEWAY_NAME: 'east-1',
      SYMBOLS: 'BTC-USD',
    });
    const token = makeToken({ alg: 'HS256', key: secret });
    const client = await connectPlain(`${app.url}/ws/prediction/?channels=${btc}&token=${token}`);
    await waitFor('a trade', () => client.messages.length > 0);
    client.socket.send(JSON.stringify({ subscribe: ['ticker.sim.BTC-USD'] }));
    await client.until('its ticker', ({ channel }) => channel === 'ticker.sim.BTC-USD');
    client.socket.send(JSON.stringify({ unsubscribe: ['ticker.sim.BTC-USD'] }));
    await client.until('the end of it', ({ type }) => type === 'channel.unsubscribed');
    client.socket.close(1000);
    await waitFor('its end in the log', () => app.output().includes('client gone'));
    const lines = linesOf(app.output());
    for (const line of lines) {
      expect(line).toMatchObject({
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        level: expect.stringMatching(/^(info|warn|debug)$/),
        version: expect.stringMatching(/^\d+\.\d+\.\d+/),
        gateway: 'east-1',
      });
    }
    const { session } = lines.find(({ msg }) => msg === 'client connected') ?? {};
    expect(session).toMatch(/^[\w-]{36}$/);
    expect(lines.filter((line) => line['session'] === session)).toEqual([
      expect.objectContaining({ msg: 'client connected', path: '/ws/prediction/' }),
      expect.objectContaining({ msg: 'client subscribed', channels: [btc] }),
      expect.objectContaining({ msg: 'client subscribed', channels: ['ticker.sim.BTC-USD'], streams: 2 }),
      expect.objectContaining({ msg: 'client unsubscribed', channel: 'ticker.sim.BTC-USD', streams: 1 }),
      expect.objectContaining({ msg: 'client gone', code: 1000, followed: [btc] }),
    ]);
    expect(app.output()).not.toContain(token.slice(0, 30));
  });

  it('[E94] follows an event stream as it does a socket', async () => {
    await using app = await startTickwire('standalone', {
      LOG_LEVEL: 'debug',
      SYMBOLS: 'BTC-USD',
    });
    const query = new URLSearchParams({ cf_connect: JSON.stringify({ subs: { [btc]: {} } }) });
    const left = new AbortController();
    await fetch(`${app.url}/connection/uni_sse?${query}`, { signal: left.signal });
    left.abort();
    await waitFor('its end in the log', () => app.output().includes('client gone'));
    const stream = linesOf(app.output()).filter(({ msg }) => String(msg).startsWith('client '));
    expect(stream.map(({ msg, path }) => path ?? msg)).toEqual([
      '/connection/uni_sse',
      'client subscribed',
      'client gone',
    ]);
  });

  it('[E94] LOG_FORMAT=pretty is for people, off a terminal too', async () => {
    await using app = await startTickwire('standalone', {
      LOG_FORMAT: 'pretty',
      SYMBOLS: 'BTC-USD',
    });
    await waitFor('a line', () => /^\[[\d:.]+\] INFO \(tickwire\): /m.test(app.output()));
    expect(app.output()).not.toContain('{"level"');
  });
});
