import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type PerMessageDeflateOptions, WebSocket } from 'ws';
import { type MemoryGateway, startMemoryGateway } from '../support/memory-gateway.js';
import { pythonPeerBin, pythonPeerHas } from '../support/python-peer.js';
import { handshake, openRaw } from '../support/raw-request.js';
import { waitFor } from '../support/wait-for.js';

const btc = 'trade.sim.BTC-USD';
const script = fileURLToPath(new URL('../support/python/websockets_follow.py', import.meta.url));
const count = 500;

describe('compression agreed on', () => {
  let server: MemoryGateway;
  let path: string;

  beforeAll(async () => {
    server = await startMemoryGateway({ env: { COMPRESSION: 'on' } });
    // Far apart, and the same again: what a large window finds and a small one does not.
    const text = (index: number): string => Buffer.from(`${index % 50} is a long text`.repeat(20)).toString('base64');
    for (let index = 0; index < count; index += 1) await server.publish(btc, { id: String(index), text: text(index) });
    path = `${server.url.replace('http', 'ws')}/ws/prediction/?channels=${btc}&batch=1&last=${count}`;
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
  });

  /** How many messages `ws` could read, and what was agreed. */
  const follow = async (offer: PerMessageDeflateOptions) => {
    const socket = new WebSocket(path, { perMessageDeflate: offer });
    let messages = 0;
    let failure: Error | undefined;
    socket.on('message', (data: Buffer) => {
      messages += (JSON.parse(data.toString()) as unknown[]).length;
    });
    socket.on('error', (error) => {
      failure = error;
    });
    await once(socket, 'open');
    await waitFor('all messages', () => failure !== undefined || messages >= count);
    socket.terminate();
    return { messages, failure, agreed: socket.extensions };
  };

  it.each([9, 10, 12, 14])('[GL36] ws that asks for a window of %i bits reads all, uncompressed', async (bits) => {
    expect(await follow({ serverMaxWindowBits: bits })).toEqual({ messages: count, failure: undefined, agreed: '' });
  });

  it.each([
    'permessage-deflate; client_max_window_bits=7',
    'permessage-deflate; server_max_window_bits=1e1',
    'permessage-deflate; foo=bar',
    'permessage-deflate; server_no_context_takeover; server_no_context_takeover',
    'x-webkit-deflate-frame',
    'bbf-usp-protocol; eid="doc"',
    '',
  ])('[GL260] the offer %j is declined, and the connection continues without', async (offer) => {
    using raw = await openRaw(server.gateway.port);
    raw.send(handshake(`/ws/prediction/?channels=${btc}`, [`Sec-WebSocket-Extensions: ${offer}`]));
    expect(await raw.status()).toBe(101);
    await waitFor('the newest message', () => raw.received().includes(`"id":"${count - 1}"`));
    expect(raw.received()).not.toMatch(/sec-websocket-extensions/i);
  });

  it('[GL36] ws that asks for the full window, or none, reads all, compressed', async () => {
    for (const offer of [{ serverMaxWindowBits: 15 }, {}, { clientMaxWindowBits: 9, serverNoContextTakeover: true }]) {
      const { messages, failure, agreed } = await follow(offer);
      expect([messages, failure]).toEqual([count, undefined]);
      expect(agreed).toContain('permessage-deflate');
    }
  });

  it('[GL36] so does websockets of Python', async () => {
    if (!pythonPeerHas('websockets.sync.client')) return;
    const run = async (bits: number): Promise<{ messages: number; agreed: string }> => {
      const { stdout } = await promisify(execFile)(pythonPeerBin(), [script, path, String(bits), String(count)]);
      return JSON.parse(stdout) as { messages: number; agreed: string };
    };
    expect(await run(10)).toEqual({ messages: count, agreed: '' });
    const { messages, agreed } = await run(0);
    expect([messages, agreed.includes('permessage-deflate')]).toEqual([count, true]);
  });
});
