import { describe, expect, it } from '@jest/globals';
import { openCentrifuge } from '../../support/centrifuge-client.js';
import { refusedUpgrade } from '../../support/refused-upgrade.js';
import { startTickwire } from '../../support/tickwire-process.js';
import { makeToken } from '../../support/tokens.js';
import { waitFor } from '../../support/wait-for.js';

describe('a gateway that asks for tokens', () => {
  it('[GL14] writes none of them, good or bad, nor its secret', async () => {
    const secret = 'a secret of more than 32 characters';
    await using server = await startTickwire('standalone', {
      AUTH: 'jwt',
      AUTH_JWT_SECRET: secret,
      LOG_LEVEL: 'trace',
    });
    const good = makeToken({ alg: 'HS256', key: secret });
    const bad = makeToken({ alg: 'HS256', key: 'another secret', claims: { aud: 'somebody' } });
    const old = makeToken({ alg: 'HS256', key: secret, claims: { exp: 1 } });
    for (const token of [bad, old, 'nonsense-nonsense']) {
      expect((await refusedUpgrade(`${server.url}/ws/prediction/?token=${token}`)).status).toBe(401);
      expect((await fetch(`${server.url}/api/symbols`, { headers: { Authorization: `Bearer ${token}` } })).status).toBe(
        401,
      );
      using client = await openCentrifuge(server.url, { path: `/connection/websocket?token=${token}` });
      client.send({ id: 1, connect: token === old ? {} : { token } });
      if (token === old) await client.reply(1);
      else expect((await client.closed).code).toBe(3500);
    }
    using client = await openCentrifuge(server.url);
    expect(await client.connect({ token: good })).toHaveProperty('connect.client');
    client.send({ id: 2, refresh: { token: bad } });
    await client.closed;
    const texts = [good, bad, old].flatMap((token) => token.split('.').slice(1));
    for (const text of [...texts, 'nonsense-nonsense', secret]) expect(server.output()).not.toContain(text);
  });

  it('[GA1] says so where everybody may come in and others can reach it', async () => {
    await using open = await startTickwire('standalone', { HOST: '0.0.0.0' });
    await waitFor('the line', () =>
      open.output().includes('AUTH is off: anyone who can reach this address can read every channel'),
    );
    await using local = await startTickwire('standalone');
    expect(local.output()).not.toContain('AUTH is off');
  });
});
