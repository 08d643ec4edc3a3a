import { createServer, type Server } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { closeServer, listen } from './listen.js';

describe('listening', () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) closeServer(server);
  });
  const open = (): Server => {
    const server = createServer();
    servers.push(server);
    return server;
  };

  it('[G137] an error about a taken port names the variable it comes from', async () => {
    const host = '127.0.0.1';
    const port = await listen(open(), { port: 0, host });
    await expect(listen(open(), { port, host, variable: 'HEALTH_PORT' })).rejects.toThrow(
      `HEALTH_PORT ${port} on 127.0.0.1 is already in use: stop the program that uses it or set HEALTH_PORT to another`,
    );
    await expect(listen(open(), { port, host })).rejects.toThrow(`PORT ${port} on 127.0.0.1 is already in use`);
    await expect(listen(open(), { port: 0, host: '203.0.113.1', variable: 'METRICS_PORT' })).rejects.toThrow(
      /^HOST 203\.0\.113\.1 is not an address of this machine: /,
    );
  });
});
