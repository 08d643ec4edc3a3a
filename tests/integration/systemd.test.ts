import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { gatewayConfig } from '@tickwire/gateway';
import { repository } from '../support/manifests.js';

const read = (path: string): string => readFileSync(join(repository, path), 'utf8');
const unit = read('deploy/systemd/tickwire@.service');
const valuesOf = (name: string): readonly string[] =>
  [...unit.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value = '']) => value);

describe('the systemd unit', () => {
  it('[O61] starts what the image starts, and leaves a gateway the time that it needs', () => {
    expect(valuesOf('ExecStart')).toEqual(['/usr/bin/node /opt/tickwire/apps/%i/dist/main.js']);
    for (const app of ['producer', 'gateway'])
      expect(read('docker-compose.yml')).toContain(`command: [node, apps/${app}/dist/main.js]`);
    expect(Number(valuesOf('TimeoutStopSec')[0]) * 1_000).toBeGreaterThan(gatewayConfig({}).drainMs + 15_000);
    expect(valuesOf('RestartPreventExitStatus')).toEqual(['2']);
    expect(valuesOf('KillMode')).toEqual(['mixed']);
  });

  it('[O61] is shut off from all that Node does not need, and from nothing that it does', () => {
    const on = [
      ...['DynamicUser', 'NoNewPrivileges', 'ProtectHome', 'PrivateTmp', 'PrivateDevices', 'ProtectKernelTunables'],
      ...['ProtectKernelModules', 'ProtectKernelLogs', 'ProtectControlGroups', 'ProtectClock', 'ProtectHostname'],
      ...['RestrictNamespaces', 'RestrictRealtime', 'RestrictSUIDSGID', 'LockPersonality'],
    ];
    for (const name of on) expect([name, valuesOf(name)]).toEqual([name, ['yes']]);
    expect(valuesOf('ProtectSystem')).toEqual(['strict']);
    expect(valuesOf('CapabilityBoundingSet')).toEqual(['']);
    expect(valuesOf('SystemCallFilter')).toEqual(['@system-service', '~@privileged']);
    // A system call of a newer Node is answered, so that it does without, and does not end the process.
    expect(valuesOf('SystemCallErrorNumber')).toEqual(['EPERM']);
    expect(valuesOf('RestrictAddressFamilies')).toEqual(['AF_INET AF_INET6 AF_UNIX']);
    // V8 writes machine code while it runs; /proc/net/tcp and /proc/meminfo are read.
    expect([...valuesOf('MemoryDenyWriteExecute'), ...valuesOf('ProcSubset')]).toEqual([]);
  });
});
