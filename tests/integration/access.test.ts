import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { gatewayConfig } from '@tickwire/gateway';
import { WebSocket } from 'ws';
import { type CentrifugeClient, openCentrifuge } from '../support/centrifuge-client.js';
import { openHttpStream } from '../support/http-stream.js';
import { type MemoryGateway, startMemoryGateway } from '../support/memory-gateway.js';
import { closedAfterEach } from '../support/opened.js';
import { connectPlain } from '../support/plain-client.js';
import { refusedUpgrade } from '../support/refused-upgrade.js';
import { jwkOf, makeKeys, makeToken, startKeyServer, type TokenOptions } from '../support/tokens.js';
import { waitFor } from '../support/wait-for.js';

/** Made once: primes take long to find. */
const [rsa, otherRsa] = [makeKeys('RS256'), makeKeys('RS256')];
const secret = 'a secret of more than 32 characters';
const btc = 'trade.sim.BTC-USD';
const eth = 'trade.sim.ETH-USD';
const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1_000) + seconds;
const token = (claims: TokenOptions['claims'] = {}): string => makeToken({ alg: 'HS256', key: secret, claims });

describe('access with AUTH=jwt', () => {
  const use = closedAfterEach();
  const start = async (env: Readonly<Record<string, string>> = { AUTH_JWT_SECRET: secret }): Promise<MemoryGateway> =>
    use(await startMemoryGateway({ env: { AUTH: 'jwt', ...env } }));
  const centrifuge = async (url: string): Promise<CentrifugeClient> => use(await openCentrifuge(url));
  const plain = async (url: string) => use(await connectPlain(url));
  /** What a token of the connect command comes to. */
  const outcome = async (url: string, text: string): Promise<unknown> => {
    const client = await centrifuge(url);
    client.send({ id: 1, connect: { token: text } });
    let closedWith: number | undefined;
    void client.closed.then(({ code }) => {
      closedWith = code;
    });
    return waitFor('an answer or a close', () => {
      const reply = client.received.find(({ id }) => id === 1);
      return closedWith ?? (reply?.['connect'] === undefined ? reply?.['error'] : 'connected');
    });
  };

  describe('keys', () => {
    it('[GA2] a token signed with the secret lets in, one signed with another does not', async () => {
      const { url } = await start();
      expect(await outcome(url, token())).toBe('connected');
      expect(await outcome(url, makeToken({ alg: 'HS256', key: `${secret}!` }))).toBe(3500);
    });

    it.each(['RS256', 'ES256', 'EdDSA'] as const)('[GA2] %s with a public key', async (alg) => {
      const [keys, other] = alg === 'RS256' ? [rsa, otherRsa] : [makeKeys(alg), makeKeys(alg)];
      const { url } = await start({ AUTH_JWT_PUBLIC_KEY: keys.pem.replaceAll('\n', '\\n') });
      expect(await outcome(url, makeToken({ alg, key: keys.privateKey }))).toBe('connected');
      expect(await outcome(url, makeToken({ alg, key: other.privateKey }))).toBe(3500);
    });

    it('[GA2] keys of a JWKS address, also those that come later; keys that went let nobody in', async () => {
      const [first, second, third] = [rsa, makeKeys('ES256'), makeKeys('EdDSA')];
      const server = use(await startKeyServer([jwkOf(first, 'a')]));
      const { url } = await start({ AUTH_JWKS_URL: server.url, AUTH_JWKS_COOLDOWN_MS: '0' });
      const withFirst = makeToken({ alg: 'RS256', key: first.privateKey, header: { kid: 'a' } });
      expect(await outcome(url, withFirst)).toBe('connected');
      server.keys = [jwkOf(second, 'b'), jwkOf(third, 'c')];
      expect(await outcome(url, makeToken({ alg: 'ES256', key: second.privateKey, header: { kid: 'b' } }))).toBe(
        'connected',
      );
      expect(await outcome(url, makeToken({ alg: 'EdDSA', key: third.privateKey, header: { kid: 'c' } }))).toBe(
        'connected',
      );
      expect(await outcome(url, withFirst)).toBe(3500);
    });

    it('[GA2] tokens that name unknown keys have the keys fetched once a cooldown, however many', async () => {
      const server = use(await startKeyServer([jwkOf(rsa, 'a')]));
      const { url } = await start({ AUTH_JWKS_URL: server.url });
      for (const kid of ['x', '../../etc/passwd', "' or 1=1 --", 'http://example.com/key']) {
        expect(await outcome(url, makeToken({ alg: 'RS256', key: rsa.privateKey, header: { kid } }))).toBe(3500);
      }
      expect(server.requests).toBe(1);
      expect(await outcome(url, makeToken({ alg: 'RS256', key: rsa.privateKey, header: { kid: 'a' } }))).toBe(
        'connected',
      );
    });

    it('[GA6] keys that cannot be fetched are a temporary error, for HTTP 503', async () => {
      const server = use(await startKeyServer([jwkOf(rsa, 'a')]));
      server.status = 500;
      const { url } = await start({ AUTH_JWKS_URL: server.url, AUTH_JWKS_COOLDOWN_MS: '0' });
      const good = makeToken({ alg: 'RS256', key: rsa.privateKey, header: { kid: 'a' } });
      expect(await outcome(url, good)).toMatchObject({ code: 100, temporary: true });
      const refused = await refusedUpgrade(`${url}/ws/prediction/?token=${good}`);
      expect([refused.status, refused.headers['retry-after']]).toEqual([503, '1']);
      expect((await fetch(`${url}/api/symbols?token=${good}`)).status).toBe(503);
      server.status = 200;
      expect(await outcome(url, good)).toBe('connected');
    });

    it.each([
      ['none of the keys', {}, /exactly one of AUTH_JWT_SECRET/],
      ['two of them', { AUTH_JWT_SECRET: secret, AUTH_JWKS_URL: 'http://keys/' }, /exactly one of AUTH_JWT_SECRET/],
      ['a short secret', { AUTH_JWT_SECRET: 'too short to be any good' }, /AUTH_JWT_SECRET is the value given, but/],
      ['an address that is none', { AUTH_JWKS_URL: 'file:///keys' }, /AUTH_JWKS_URL/],
      ['a key without AUTH', { AUTH: '', AUTH_JWT_SECRET: secret }, /^AUTH_JWT_SECRET is set, but AUTH is off/],
      ['a JWKS address with AUTH=off', { AUTH: 'off', AUTH_JWKS_URL: 'http://k/' }, /^AUTH_JWKS_URL is set, but AUTH/],
      ['an audience without AUTH', { AUTH: '', AUTH_AUDIENCE: 'us' }, /^AUTH_AUDIENCE is set, but AUTH is off/],
    ])('[GA1] %s is a bad setting', (_what, env, message) => {
      expect(() => gatewayConfig({ AUTH: 'jwt', ...env })).toThrow(message);
    });

    it('[GA1] a key that cannot be used ends the start', async () => {
      const pem = String(rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }));
      await expect(start({ AUTH_JWT_PUBLIC_KEY: 'no key' })).rejects.toThrow('must be a public key in PEM');
      await expect(start({ AUTH_JWT_PUBLIC_KEY: pem })).rejects.toThrow('it is a private key');
    });
  });

  describe('tokens', () => {
    it.each<[string, TokenOptions['claims'], unknown]>([
      ['expired', { exp: inSeconds(-1) }, { code: 109, message: 'token expired' }],
      ['not valid yet', { nbf: inSeconds(60) }, 3500],
      ['of another audience', { aud: 'other' }, 3500],
      ['of several audiences, ours among them', { aud: ['other', 'tickwire'] }, 'connected'],
      ['of another issuer', { iss: 'https://other.example' }, 3500],
      ['whose exp is text', { exp: '9999999999' }, 3500],
      ['whose sub is no text', { sub: 7 }, 3500],
      ['with a misspelt allow', { tickwire: { allow: 'trade.*.*' } }, 3500],
      ['with an allow that is no pattern', { tickwire: { allow: ['(a+)+$'] } }, 3500],
      ['with a limit below one', { tickwire: { maxChannels: 0 } }, 3500],
      ['with alow', { tickwire: { alow: ['ticker.*.*'] } }, 3500],
      ['with Allow', { tickwire: { Allow: [] } }, 3500],
      ['with Tickwire', { Tickwire: { allow: [] } }, 3500],
      ['with tick_wire', { tick_wire: { allow: [] } }, 3500],
      ['with allow outside of tickwire', { allow: ['ticker.*.*'] }, 3500],
      ['with maxchannels outside of tickwire', { maxchannels: 5 }, 3500],
      ['with Exp', { Exp: 1 }, 3500],
      ['with maxchannels', { tickwire: { allow: ['*'], maxchannels: 1 } }, 3500],
      ['whose exp is in milliseconds', { exp: Date.now() + 60_000 }, 3500],
      ['whose exp is beyond all numbers', { exp: 1e300 }, 3500],
    ])('[GA3] one %s: %j', async (_what, claims, expected) => {
      const { url } = await start({ AUTH_JWT_SECRET: secret, AUTH_AUDIENCE: 'tickwire', AUTH_ISSUER: 'https://us' });
      expect(await outcome(url, token({ aud: 'tickwire', iss: 'https://us', ...claims }))).toEqual(expected);
    });

    it('[GL39] a channel that is not allowed is refused wherever it is named', async () => {
      const { url } = await start();
      const narrow = token({ tickwire: { allow: [btc] } });
      for (const query of [`channels=${btc}&channels=${eth}`, `channels=${eth}&channels=${btc}`]) {
        expect((await fetch(`${url}/api/snapshot?${query}&token=${narrow}`)).status).toBe(403);
      }
      expect((await fetch(`${url}/api/history?channel=${btc}&channel=${eth}&token=${narrow}`)).status).toBe(403);
      expect((await fetch(`${url}/api/snapshot?channels=${btc}&channels=${btc}&token=${narrow}`)).status).toBe(200);
    });

    it('[GL35] an exp in milliseconds is rejected with a sentence that says so', async () => {
      const { url } = await start();
      const mistaken = token({ exp: Date.now() + 60_000 });
      const refused = await refusedUpgrade(`${url}/ws/prediction/?token=${mistaken}`);
      expect([refused.status, JSON.parse(refused.body)]).toEqual([
        401,
        { error: 'claim exp is in milliseconds, but must be in seconds' },
      ]);
    });

    it('[GL35] the ttl of a token that expires in 300 years is one year', async () => {
      const { url } = await start();
      const client = await centrifuge(url);
      client.send({ id: 1, connect: { token: token({ exp: inSeconds(300 * 31_536_000) }) } });
      const reply = await waitFor('the answer', () => client.received.find(({ id }) => id === 1));
      expect(reply['connect']).toMatchObject({ expires: true, ttl: 31_536_000 });
    });

    it('[GL32] limits of a token sent by refresh count at once', async () => {
      const { url } = await start();
      const connected = async (): Promise<CentrifugeClient> => {
        const client = await centrifuge(url);
        client.send({ id: 1, connect: { token: token({ sub: 'ann', exp: inSeconds(60) }) } });
        await waitFor('the answer', () => client.received.some(({ id }) => id === 1));
        for (const [index, channel] of [btc, eth].entries()) client.send({ id: 2 + index, subscribe: { channel } });
        await waitFor('both channels', () => client.received.filter(({ id }) => id === 2 || id === 3).length === 2);
        return client;
      };
      const renewed = (tickwire: object): string => token({ sub: 'ann', exp: inSeconds(60), tickwire });
      const slowed = await connected();
      slowed.send({ id: 4, refresh: { token: renewed({ commandsPerSecond: 1, maxChannels: 2 }) } });
      await waitFor('the answer', () => slowed.received.some(({ id }) => id === 4));
      for (let id = 5; id < 45; id += 1) slowed.send({ id, ping: {} });
      expect((await slowed.closed).code).toBe(3013);
      const narrowed = await connected();
      narrowed.send({ id: 4, refresh: { token: renewed({ maxChannels: 1 }) } });
      expect((await narrowed.closed).code).toBe(3014);
    });

    it('[GA3] the key decides on the algorithm: nothing else is taken', async () => {
      const { url } = await start({ AUTH_JWT_PUBLIC_KEY: rsa.pem });
      const good = makeToken({ alg: 'RS256', key: rsa.privateKey });
      const [head = '', body = ''] = good.split('.');
      const forged = [
        makeToken({ alg: 'none' }),
        makeToken({ alg: 'none', header: { alg: 'NonE' } }),
        `${head}.${body}.`,
        `${head}.${body}`,
        makeToken({ alg: 'HS256', key: rsa.pem }),
        makeToken({ alg: 'HS256', key: rsa.pem.trim() }),
        makeToken({ alg: 'HS256', key: rsa.publicKey.export({ type: 'spki', format: 'der' }).toString('latin1') }),
        makeToken({ alg: 'HS256', key: rsa.pem, header: { alg: 'RS256' } }),
        makeToken({ alg: 'RS256', key: rsa.privateKey, header: { b64: false, crit: ['b64'] } }),
        makeToken({ alg: 'RS256', key: rsa.privateKey, header: { crit: ['unheard'], unheard: 1 } }),
        // A key that the token brings along.
        makeToken({ alg: 'RS256', key: otherRsa.privateKey, header: { jwk: jwkOf(otherRsa, 'a') } }),
        'x'.repeat(20_000),
        '..',
      ];
      for (const text of forged) expect([text, await outcome(url, text)]).toEqual([text, 3500]);
      expect(await outcome(url, good)).toBe('connected');
    });

    it('[GA4] comes with the connect, the header, the query or the cookie', async () => {
      const { url } = await start({ AUTH_JWT_SECRET: secret, AUTH_COOKIE: 'session' });
      const good = token();
      const ways: [string, Record<string, string>][] = [
        ['', { Authorization: `Bearer ${good}` }],
        [`?token=${good}`, {}],
        ['', { Cookie: `a=b; session=${good}; c="d"` }],
      ];
      for (const [query, headers] of ways) {
        const socket = new WebSocket(`${url.replace('http', 'ws')}/ws/prediction/${query}`, { headers });
        await once(socket, 'open');
        socket.terminate();
        const other = new WebSocket(`${url.replace('http', 'ws')}/connection/websocket${query}`, { headers });
        await once(other, 'open');
        other.send('{"id":1,"connect":{}}');
        expect(String((await once(other, 'message'))[0])).toContain('"client"');
        other.terminate();
        expect((await fetch(`${url}/api/symbols${query}`, { headers })).status).toBe(200);
      }
    });

    it('[GA4] without the setting no cookie counts', async () => {
      const { url } = await start();
      const refused = await refusedUpgrade(`${url}/ws/prediction/`, { Cookie: `session=${token()}` });
      expect(refused.status).toBe(401);
    });
  });

  describe('refusals', () => {
    it('[GA6] without a token: error 101', async () => {
      const { url } = await start();
      expect(await outcome(url, '')).toEqual({ code: 101, message: 'unauthorized' });
    });

    it.each([
      ['/ws/prediction/', '', 'Bearer'],
      ['/ws/btcusd@trade', '', 'Bearer'],
      ['/stream', 'x.y', 'Bearer error="invalid_token"'],
      ['/ws/prediction/', token({ exp: inSeconds(-10) }), 'Bearer error="invalid_token"'],
    ])('[GA9] %s with token %j is HTTP 401 with a challenge', async (path, text, challenge) => {
      const { url } = await start();
      const refused = await refusedUpgrade(`${url}${path}?token=${text}`);
      expect([refused.status, refused.headers['www-authenticate']]).toEqual([401, challenge]);
      expect(refused.body).not.toContain(text === '' ? 'eyJ' : text);
    });

    it('[GA10] REST: 401 without a token, 403 for what it does not allow', async () => {
      const { url, publish } = await start();
      await publish(btc, {});
      const get = (path: string, claims?: TokenOptions['claims']) =>
        fetch(`${url}${path}`, claims && { headers: { Authorization: `Bearer ${token(claims)}` } });
      const some = { tickwire: { allow: ['trade.sim.BTC-*'] } };
      for (const path of [
        '/api/symbols',
        `/api/history?channel=${btc}`,
        `/api/snapshot?channels=${btc}`,
        '/api/nothing',
      ]) {
        const refused = await get(path);
        expect([path, refused.status, refused.headers.get('www-authenticate')]).toEqual([path, 401, 'Bearer']);
        expect(refused.headers.get('content-type')).toContain('application/problem+json');
      }
      for (const path of ['/api/symbols', `/api/history?channel=${btc}`, `/api/snapshot?channels=${btc}`]) {
        expect([path, (await get(path, some)).status]).toEqual([path, 200]);
      }
      for (const path of [`/api/history?channel=${eth}`, `/api/snapshot?channels=${btc},${eth}`]) {
        const refused = await get(path, some);
        expect([refused.status, ((await refused.json()) as { channels: string[] }).channels]).toEqual([403, [eth]]);
      }
      expect((await get('/api/v3/ping')).status).toBe(401);
      expect((await get('/api/v3/ping', {})).status).toBe(200);
      expect(await (await get('/api/v3/ticker/price', some)).json()).toMatchObject({ code: -2015 });
      for (const path of ['/api/openapi.json', '/healthz', '/readyz', '/']) {
        expect([401, 403]).not.toContain((await get(path)).status);
      }
    });

    it('[GA10] publishing has its own key, and a token is not it', async () => {
      const { url } = await start({ AUTH_JWT_SECRET: secret, API_KEY: 'the key to publish' });
      const post = (bearer: string) =>
        fetch(`${url}/api/publish`, {
          method: 'POST',
          headers: { Authorization: `Bearer ${bearer}`, 'Content-Type': 'application/json' },
          body: JSON.stringify({ channel: 'ticker.sim.BTC-USD', message: { type: 'price.news' } }),
        });
      expect((await post(token())).status).toBe(401);
      expect((await post('the key to publish')).status).toBe(200);
    });
  });

  describe('what a token allows', () => {
    const some = { tickwire: { allow: ['trade.*.BTC-USD', 'ticker.sim.*'], maxChannels: 2 } };

    it('[GA5] the Centrifuge protocol: error 103 for others, 106 beyond its channels', async () => {
      const { url } = await start();
      const client = await centrifuge(url);
      await client.connect({ token: token(some) });
      const ask = async (request: object) => (await client.call(request))['error'];
      expect(await ask({ subscribe: { channel: btc } })).toBeUndefined();
      expect(await ask({ subscribe: { channel: eth } })).toMatchObject({ code: 103 });
      expect(await ask({ history: { channel: eth, limit: 1 } })).toMatchObject({ code: 103 });
      expect(await ask({ presence_stats: { channel: eth } })).toMatchObject({ code: 103 });
      expect(await ask({ subscribe: { channel: 'ticker.sim.BTC-USD' } })).toBeUndefined();
      expect(await ask({ subscribe: { channel: 'ticker.sim.ETH-USD' } })).toMatchObject({ code: 106 });
    });

    it('[GA5] its channels are subscribed without asking, and allowed', async () => {
      const { url, publish } = await start();
      const client = await centrifuge(url);
      const reply = await client.connect({ token: token({ channels: [eth], tickwire: { allow: [] } }) });
      expect(reply).toHaveProperty(['connect', 'subs', eth]);
      await publish(eth, {});
      await publish(btc, {});
      expect((await client.call({ subscribe: { channel: btc } }))['error']).toMatchObject({ code: 103 });
      expect(client.offsets(eth)).toEqual([1]);
    });

    it('[GA5] AUTH_ALLOW is for tokens that name no channels', async () => {
      const { url } = await start({ AUTH_JWT_SECRET: secret, AUTH_ALLOW: 'trade.sim.*,ticker.*.*' });
      const client = await centrifuge(url);
      await client.connect({ token: token() });
      expect((await client.call({ subscribe: { channel: btc } }))['error']).toBeUndefined();
      expect((await client.call({ subscribe: { channel: 'bar-1m.sim.BTC-USD' } }))['error']).toMatchObject({
        code: 103,
      });
    });

    it('[GA5] plain JSON: 3507 for a URL, channel.refused for a message', async () => {
      const { url } = await start();
      const query = `token=${token(some)}`;
      const denied = await plain(`${url}/ws/prediction/?channels=${btc},${eth}&${query}`);
      expect(await denied.closed).toEqual({ code: 3507, reason: `not allowed: ${eth}` });
      // The price every second is made of a ticker and a forecast.
      const price = await plain(`${url}/ws/prediction/?${query}`);
      expect((await price.closed).code).toBe(3507);
      const client = await plain(`${url}/ws/prediction/?channels=${btc}&${query}`);
      client.socket.send(JSON.stringify({ subscribe: [eth, 'ticker.sim.BTC-USD', 'ticker.sim.ETH-USD'] }));
      await client.until(
        'the last answer',
        ({ channel, reason }) => channel === 'ticker.sim.ETH-USD' && reason !== undefined,
      );
      expect(client.messages.filter(({ type }) => type === 'channel.refused')).toEqual([
        { type: 'channel.refused', channel: eth, reason: 'not allowed' },
        { type: 'channel.refused', channel: 'ticker.sim.ETH-USD', reason: 'more than 2 channels' },
      ]);
    });

    it('[GA5] Binance streams: what is not allowed is subscribed and silent', async () => {
      const { url, publish } = await start();
      const query = `token=${token(some)}`;
      const client = await plain(`${url}/stream?streams=ethusd@trade/btcusd@trade&${query}`);
      client.socket.send('{"method":"LIST_SUBSCRIPTIONS","id":1}');
      const { result } = await client.until('the list', ({ id }) => id === 1);
      expect(result).toEqual(['ethusd@trade', 'btcusd@trade']);
      const trade = { venue: 'sim', id: '1', price: '1', size: '1', side: 'buy', ts: 1, rts: 1, type: 'price.trade' };
      await publish(eth, { ...trade, symbol: 'ETH-USD' });
      await publish(btc, { ...trade, symbol: 'BTC-USD' });
      await client.until('the trade', ({ stream }) => stream === 'btcusd@trade');
      expect(client.messages.filter(({ stream }) => stream === 'ethusd@trade')).toEqual([]);
    });

    it('[GA5] server-sent events: status 403', async () => {
      const { url } = await start();
      const get = (query: string) => fetch(`${url}/connection/uni_sse?${query}`);
      expect((await get(`channel=${eth}&token=${token(some)}`)).status).toBe(403);
      expect((await get(`channel=${btc}`)).status).toBe(401);
      expect((await get(`channel=${btc}&token=no.good.one`)).status).toBe(401);
      expect((await get(`channel=${btc}&token=${token({ exp: inSeconds(-9) })}`)).status).toBe(401);
      const connect = encodeURIComponent(JSON.stringify({ token: token(some), subs: { [btc]: {} } }));
      await using stream = await openHttpStream(`${url}/connection/uni_sse?cf_connect=${connect}`);
      expect(stream).toBeDefined();
    });
  });

  describe('expiry', () => {
    it('[GA7] connect says for how long; a new token of the same user goes on', async () => {
      const { url } = await start();
      const client = await centrifuge(url);
      const reply = await client.connect({ token: token({ exp: inSeconds(60) }) });
      expect(reply['connect']).toMatchObject({ expires: true });
      const { ttl, client: id } = reply['connect'] as { ttl: number; client: string };
      expect(ttl).toBeGreaterThan(50);
      expect(ttl).toBeLessThanOrEqual(60);
      await client.call({ subscribe: { channel: btc } });
      const refreshed = await client.call({ refresh: { token: token({ exp: inSeconds(600) }) } });
      expect(refreshed['refresh']).toMatchObject({ client: id, version: 'tickwire', expires: true });
      expect((refreshed['refresh'] as { ttl: number }).ttl).toBeGreaterThan(500);
      expect((await client.call({ history: { channel: btc, limit: 1 } }))['history']).toBeDefined();
    });

    it.each([
      ['bad', 'a.b.c', 3500],
      ['of another user', token({ sub: 'bob' }), 3500],
      ['empty', '', 3501],
      ['expired', token({ exp: inSeconds(-10) }), 3005],
      ['that no longer allows what is followed', token({ tickwire: { allow: [eth] } }), 3014],
    ])('[GA7] a new token that is %s closes', async (_what, text, code) => {
      const { url } = await start();
      const client = await centrifuge(url);
      await client.connect({ token: token() });
      await client.call({ subscribe: { channel: btc } });
      client.send({ id: 9, refresh: { token: text } });
      expect((await client.closed).code).toBe(code);
    });

    it('[GA8] plain, Binance and SSE clients end as expired when their token does', async () => {
      const { url } = await start();
      const query = `token=${token({ exp: inSeconds(2) })}`;
      const follower = await plain(`${url}/ws/prediction/?channels=${btc}&${query}`);
      const binance = await plain(`${url}/ws/btcusd@trade?${query}`);
      const stream = fetch(`${url}/connection/uni_sse?channel=${btc}&${query}`).then((response) => response.text());
      const stays = await plain(`${url}/ws/prediction/?channels=${btc}&token=${token()}`);
      expect(await follower.closed).toEqual({ code: 3005, reason: 'expired' });
      expect(await binance.closed).toEqual({ code: 1008, reason: 'Expired' });
      expect(await stream).toContain('"disconnect":{"code":3005,"reason":"expired"}');
      expect(stays.socket.readyState).toBe(WebSocket.OPEN);
    });
  });
});

describe('access with AUTH=off', () => {
  it('[GA1] is the default: a token is not looked at', async () => {
    await using server = await startMemoryGateway();
    using client = await openCentrifuge(server.url);
    expect(await client.connect({ token: 'anything' })).toHaveProperty('connect.client');
    using follower = await connectPlain(`${server.url}/ws/prediction/?channels=${btc}&token=anything`);
    expect(follower.socket.readyState).toBe(WebSocket.OPEN);
  });
});
