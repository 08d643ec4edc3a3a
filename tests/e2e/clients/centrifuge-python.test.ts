import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { pythonPeerBin } from '../../support/python-peer.js';
import { startTwoGateways } from '../../support/two-gateways.js';
import { waitFor } from '../../support/wait-for.js';

const channel = 'trade.sim.BTC-USD';
const missed = 40;
const script = fileURLToPath(new URL('./centrifuge_follow.py', import.meta.url));

type Told = Readonly<Record<string, unknown>>;

const follow = (url: string, encoding: string) => {
  const address = `${url.replace(/^http/, 'ws')}/connection/websocket`;
  const child = spawn(pythonPeerBin(), [script, address, encoding, channel], { stdio: ['pipe', 'pipe', 'pipe'] });
  const told: Told[] = [];
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaints = (complaints + chunk.toString()).slice(-4_000);
  });
  createInterface({ input: child.stdout }).on('line', (line) => told.push(JSON.parse(line) as Told));
  const ended = once(child, 'close');
  return {
    of(event: string): Told[] {
      if (child.exitCode !== null) throw new Error(`the Python client ended: ${complaints}`);
      return told.filter((each) => each['event'] === event);
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
};

describe('the official Python SDK, unchanged, and a gateway that is killed', () => {
  it.each(['json', 'protobuf'])(
    '[CF61] comes back on another gateway and has every publication, %s',
    async (encoding) => {
      await using gateways = await startTwoGateways('BTC-USD');
      await using client = follow(gateways.proxy.url, encoding);
      const seen = (): Told[] => client.of('publication');
      await waitFor('publications', () => seen().length >= 20, 20_000);
      await gateways.failOver(channel, missed);
      const before = seen().length;
      await waitFor('those that were missed and more', () => seen().length >= before + missed + 20, 30_000);
      expect(client.of('subscribed')).toEqual([
        { event: 'subscribed', recovered: false, wasRecovering: false },
        { event: 'subscribed', recovered: true, wasRecovering: true },
      ]);
      const all = seen();
      const first = Number(all[0]?.['offset']);
      expect(all.map(({ offset }) => offset)).toEqual(all.map((_, index) => first + index));
      const messages = await gateways.published.range(channel, first, first + all.length - 1);
      expect(all.map(({ data }) => data)).toEqual(messages);
    },
    90_000,
  );
});
