import { describe, expect, it } from '@jest/globals';
import { connectPlain } from '../../support/plain-client.js';
import { openRaw, type RawConnection } from '../../support/raw-request.js';
import { startTickwire } from '../../support/tickwire-process.js';
import { waitFor } from '../../support/wait-for.js';

describe('a process with few open files', () => {
  it('[GL22] outlives more idle sockets than it may open, says its limit once, and clients inside keep their ticks', async () => {
    const env = { SIM_RATE: '50', MAX_CONNECTIONS_PER_IP: '0', HANDSHAKE_MS: '60000' };
    await using server = await startTickwire('standalone', env, { openFiles: 256 });
    using witness = await connectPlain(`${server.url}/ws/prediction/?channels=trade.sim.BTC-USD`);
    const idle: RawConnection[] = [];
    try {
      for (let count = 0; count < 400; count += 1) idle.push(await openRaw(server.port));
      await waitFor('sockets to be closed as they come', () => idle.some((connection) => connection.isClosed()));
      const before = witness.messages.length;
      // The loop, and what is measured in its timers, went round several times.
      await waitFor('three seconds of ticks', () => witness.messages.length > before + 100, 30_000);
    } finally {
      for (const connection of idle) connection[Symbol.dispose]();
    }
    const health = await waitFor('room for a request', async () => {
      const answer = await fetch(`${server.url}/healthz`).catch(() => undefined);
      return answer?.status;
    });
    expect(health).toBe(200);
    expect(server.output()).not.toContain('EMFILE');
    expect(server.output().match(/the system allows fewer open files/g)).toHaveLength(1);
    expect(await server.stop()).toBe(0);
  });
});
