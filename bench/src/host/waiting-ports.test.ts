import { describe, expect, test } from '@jest/globals';
import { waitForPorts, waitingPortsIn } from './waiting-ports.js';

const sockstat = (waiting: number): string =>
  `sockets: used 200\nTCP: inuse 12 orphan 0 tw ${waiting} alloc 14 mem 3\nUDP: inuse 1 mem 0\n`;

describe('waitForPorts', () => {
  test('[BN48] waits until earlier connections have let go of their ports', async () => {
    const counts = [9_000, 4_000, 999];
    const waitedMs = await waitForPorts({ read: () => sockstat(counts.shift() ?? 0), sleep: async () => {} });
    expect(waitedMs).toBe(1_000);
    expect(counts).toEqual([]);
  });

  test('[BN48] gives up after a minute, and does not wait where nothing is known', async () => {
    const never = await waitForPorts({ read: () => sockstat(9_000), sleep: async () => {} });
    expect(never).toBe(65_000);
    expect(await waitForPorts({ read: () => undefined, sleep: async () => {} })).toBe(0);
    expect(waitingPortsIn('TCP: inuse 12')).toBeUndefined();
  });
});
