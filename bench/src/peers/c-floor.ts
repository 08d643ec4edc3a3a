import { cProgram, missingProgram } from './built-programs.js';
import type { Peer } from './peer.js';

const floor = cProgram('floor');

const floorPeer = (name: string, mode: 'single' | 'coalesced', setUp: string): Peer => ({
  name,
  setUp,
  form: 'json',
  greeting: () => ({ kind: 'websocket', path: '/' }),
  missing: () => missingProgram(floor),
  async start({ children, cores, redisPort, channels }) {
    const child = children.start({
      name,
      command: floor.file(),
      args: [String(redisPort), mode, ...channels],
      cores,
    });
    const found = await child.wrote(/listening (\d+)/);
    return { child, port: Number(found[1]) };
  },
});

export const cFloorPeer = (): Peer =>
  floorPeer('C floor', 'single', 'epoll in C, one write() a client and message, no checks');

export const cCoalescingPeer = (): Peer =>
  floorPeer('C coalescing', 'coalesced', 'the same with one write() a client for all that one read from Redis brought');
