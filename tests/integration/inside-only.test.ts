import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { haproxyBin, startDeliveredHaproxy } from '../support/haproxy.js';
import { repository } from '../support/manifests.js';
import { startMemoryGateway } from '../support/memory-gateway.js';
import { openRaw } from '../support/raw-request.js';

const token = 'an operator of some kind';

const delivered = readFileSync(join(repository, 'deploy/haproxy/haproxy.cfg'), 'utf8');

const spellings = [
  ...['/admin', '/admin/', '/ADMIN', '/Admin/api/status', '/admin/api/status', '/admin/favicon.svg'],
  ...[
    '/%61dmin',
    '/admi%6e/api/status',
    '//admin',
    '/./admin',
    '/x/../admin',
    '/x/%2e%2e/admin',
    '/admin;x',
    '/admin%2fapi',
  ],
  ...['/metrics', '/metrics/', '/METRICS', '/Metrics?x', '/metric%73', '//metrics', '/x/../metrics'],
];

describe('what is for the inside only', () => {
  it('[O11] is not passed on by HAProxy, however it is written', async () => {
    expect(delivered).toContain('http-request return status 404 if { path_beg -i /metrics /admin }');
    await using inside = await startMemoryGateway({ env: { ADMIN_TOKEN: token, TRUST_PROXY: '1' } });
    // The two are there.
    for (const path of ['/admin', '/metrics']) expect((await fetch(`${inside.url}${path}`)).status).toBe(200);
    await using outside = await startDeliveredHaproxy(haproxyBin(), { gateways: [inside.gateway.port] });
    expect((await fetch(`http://127.0.0.1:${outside.port}/healthz`)).status).toBe(200);
    for (const path of spellings) {
      for (const target of [path, `http://127.0.0.1${path}`]) {
        using connection = await openRaw(outside.port);
        connection.send(`GET ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\n\r\n`);
        expect([target, await connection.status()]).toEqual([target, 404]);
      }
    }
  });
});
