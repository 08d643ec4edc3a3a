import { describe, expect, it } from '@jest/globals';
import { connectPlain } from '../support/plain-client.js';
import { startTickwire } from '../support/tickwire-process.js';
import { makeToken } from '../support/tokens.js';
import { waitFor } from '../support/wait-for.js';

const secret = 'a secret of some length, for tests';
const access = { AUTH: 'jwt', AUTH_JWT_SECRET: secret, AUTH_ALLOW: '*' };

describe('the log', () => {
  it('[E94] has time, level, version and gateway in each line, and at debug the life of a client without its token', async () => {
    await using app = await startTickwire('standalone', {
      ...access,
      LOG_LEVEL: 'debug',
      GATEWAY_NAME: 'east-1',
      SYMBOLS: 'BTC-USD',
    });
    const token = makeToken({ alg: 'HS256', key: secret });
    const client = await connectPlain(`${app.url}/ws/prediction/?channels=trade.sim.BTC-USD&token=${token}`);
    await waitFor('a trade', () => client.messages.length > 0);
    client.socket.close(1000);
    await waitFor('its end in the log', () => app.output().includes('client gone'));
    const lines = app
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    for (const line of lines) {
      expect(line).toMatchObject({
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        level: expect.stringMatching(/^(info|warn|debug)$/),
        version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      });
    }
    const life = lines.filter(({ session }) => session === 1);
    expect(life).toEqual([
      expect.objectContaining({ msg: 'client connected', gateway: 'east-1', path: '/ws/prediction/' }),
      expect.objectContaining({ msg: 'client gone', code: 1000, followed: ['trade.sim.BTC-USD'] }),
    ]);
    expect(app.output()).not.toContain(token.slice(0, 30));
  });

  it('[E94] LOG_FORMAT=pretty is for people, off a terminal too', async () => {
    await using app = await startTickwire('standalone', { LOG_FORMAT: 'pretty', SYMBOLS: 'BTC-USD' });
    await waitFor('a line', () => /^\[[\d:.]+\] INFO \(tickwire\): /m.test(app.output()));
    expect(app.output()).not.toContain('{"level"');
  });
});
