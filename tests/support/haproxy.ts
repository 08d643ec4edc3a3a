import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { freePort } from './free-port.js';
import { repository } from './manifests.js';
import { waitFor } from './wait-for.js';

/** One address for several gateways: an HAProxy that asks `/readyz` which of them accepts new clients. */
export interface Haproxy extends AsyncDisposable {
  readonly port: number;
}

/** Where the set-up found HAProxy, or else on PATH, or where Debian installs it; undefined if it is missing. */
export const findHaproxy = (): string | undefined =>
  process.env['HAPROXY_BIN'] ??
  [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
    .map((folder) => join(folder, 'haproxy'))
    .find(existsSync);

/** For tests that need HAProxy. @throws Error that says how to install it */
export const haproxyBin = (): string => {
  const found = findHaproxy();
  if (found === undefined) throw new Error('HAProxy is not there: `npm test -- --setup-only` installs it');
  return found;
};

const configOf = (port: number, gateways: readonly number[], rules: readonly string[]): string => `
defaults
  mode http
  option redispatch
  retries 2
  timeout connect 500ms
  timeout check 500ms
  timeout client 60s
  timeout server 60s
  timeout tunnel 1h
frontend public
  bind 127.0.0.1:${port}
${rules.map((rule) => `  ${rule}`).join('\n')}
  default_backend gateways
backend gateways
  balance leastconn
  option httpchk GET /readyz
  http-check expect status 200
  default-server check inter 500ms fall 1 rise 1
${gateways.map((gateway) => `  server gateway-${gateway} 127.0.0.1:${gateway}`).join('\n')}
`;

/** Resolves once it accepts connections. `rules` are lines of its frontend. */
export const startHaproxy = async (
  program: string,
  gateways: readonly number[],
  rules: readonly string[] = [],
): Promise<Haproxy> => {
  const port = await freePort();
  return runHaproxy(program, port, configOf(port, gateways, rules));
};

export interface DeliveredOptions {
  readonly gateways: readonly number[];
  /** Folder of the certificates; turns TLS on. */
  readonly tlsFolder?: string;
}

/** Uses the configuration that we ship, with gateways on ports of this machine instead of the names in Docker's DNS. */
export const startDeliveredHaproxy = async (
  program: string,
  { gateways, tlsFolder = '' }: DeliveredOptions,
): Promise<Haproxy & { readonly tlsPort: number }> => {
  const [port, tlsPort] = [await freePort(), await freePort()];
  const delivered = await readFile(join(repository, 'deploy/haproxy/haproxy.cfg'), 'utf8');
  const config = delivered
    .replace(/bind :8080/, `bind 127.0.0.1:${port}`)
    .replace(/bind :8443/, `bind 127.0.0.1:${tlsPort}`)
    .replace('/usr/local/etc/tls/', `${tlsFolder}/`)
    .replace(/^ {2}server-template.*$/gm, () =>
      gateways
        .map((gateway) => `  server gateway-${gateway} 127.0.0.1:${gateway} check inter 1s fall 2 rise 1`)
        .join('\n'),
    );
  const running = await runHaproxy(program, port, config, { TLS_DIR: tlsFolder, HTTPS_PORT: String(tlsPort) });
  return { ...running, tlsPort };
};

const runHaproxy = async (
  program: string,
  port: number,
  text: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<Haproxy> => {
  const dir = await mkdtemp(join(tmpdir(), 'tickwire-haproxy-'));
  const config = join(dir, 'haproxy.cfg');
  await writeFile(config, text);
  const child = spawn(program, ['-db', '-q', '-f', config], {
    stdio: 'ignore',
    env: { ...process.env, ...variables },
  });
  const exited = once(child, 'exit');
  await waitFor('HAProxy to listen', () => {
    if (child.exitCode !== null) throw new Error(`HAProxy ended with ${child.exitCode}`);
    return takesConnections(port);
  });
  return {
    port,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
      await rm(dir, { recursive: true, force: true });
    },
  };
};

const takesConnections = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
