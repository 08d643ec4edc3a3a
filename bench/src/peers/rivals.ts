import { inRoot } from '../host/paths.js';
import { type BuiltProgram, goProgram, missingProgram, npmProgram, rustProgram } from './built-programs.js';
import type { Peer } from './peer.js';

const bunVersion = '1.4.5';
const bun = npmProgram('bun', bunVersion, '@oven');
const rustHub = rustProgram('rust-hub');
const centrifugo = goProgram('centrifugo');

interface Rival extends Pick<Peer, 'name' | 'setUp' | 'form' | 'greeting' | 'canRecover'> {
  readonly program: BuiltProgram;
  /** Arguments of the program, which prints the port it listens on. */
  readonly args: (context: { readonly redisUrl: string; readonly channels: string }) => readonly string[];
}

const rivalPeer = ({ program, args, ...peer }: Rival): Peer => ({
  ...peer,
  missing: (isQuick) => (isQuick ? 'left out by --quick' : missingProgram(program)),
  async start({ children, cores, redisUrl, channels }) {
    const child = children.start({
      name: peer.name,
      command: program.file(),
      args: args({ redisUrl, channels: channels.join(',') }),
      cores,
    });
    const found = await child.wrote(/listening (\d+)/);
    return { child, port: Number(found[1]) };
  },
});

/** Go takes as many threads as the cores it is pinned to. */
export const centrifugoPeer = (): Peer =>
  rivalPeer({
    name: 'Centrifugo',
    setUp:
      "Centrifugo's engine (centrifuge 0.40.1) with its Redis broker, recovery and positioning on, JSON; published by " +
      'the commands of its broker, with history',
    form: 'centrifugo',
    canRecover: true,
    program: centrifugo,
    args: ({ redisUrl }) => [redisUrl],
    greeting: (channels) => ({ kind: 'centrifuge', path: '/connection/websocket', channels, recovers: true }),
  });

const bunPeer = (): Peer =>
  rivalPeer({
    name: 'Bun',
    setUp: `Bun ${bunVersion}: server.publish to a topic a channel (uWebSockets), its Redis client, no history`,
    form: 'json',
    program: bun,
    args: ({ redisUrl, channels }) => [inRoot('bench/peers/bun/server.mjs'), redisUrl, channels],
    greeting: byQuery,
  });

const rustPeer = (): Peer =>
  rivalPeer({
    name: 'Rust',
    setUp: 'tokio-tungstenite 0.30, one thread, a bounded queue a client, one flush for what waits, no history',
    form: 'json',
    program: rustHub,
    args: ({ redisUrl, channels }) => [redisUrl, channels],
    greeting: byQuery,
  });

const byQuery: Peer['greeting'] = (channels) => ({ kind: 'websocket', path: `/?channels=${channels.join(',')}` });

/** Those that need a compiler or a download: nothing that a run can take for granted. */
export const rivals = (): readonly Peer[] => [centrifugoPeer(), bunPeer(), rustPeer()];
