import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { inRoot } from '../host/paths.js';
import { freePort } from '../process/free-port.js';
import type { Peer } from './peer.js';

const candidates = (): (string | undefined)[] => {
  const parts = inRoot('.cache/test-parts.json');
  const found = existsSync(parts) ? (JSON.parse(readFileSync(parts, 'utf8')) as Record<string, string>) : {};
  return [process.env['PEER_PYTHON'], found['PEER_PYTHON'], inRoot('.cache/python-peer/bin/python')];
};

const probe = `
import channels, channels_redis.pubsub, uvicorn, websockets, django
from importlib import util
print("channels", channels.__version__, "django", django.__version__, "uvicorn", uvicorn.__version__,
      "on uvloop" if util.find_spec("uvloop") else "on asyncio")
`;

interface Python {
  readonly file: string;
  readonly versions: string;
}

let sought: { readonly python: Python | undefined } | undefined;

/** The first Python that has all of the peer. */
const findPython = (): Python | undefined => {
  if (sought !== undefined) return sought.python;
  for (const file of candidates()) {
    if (file === undefined || !existsSync(file)) continue;
    const { status, stdout } = spawnSync(file, ['-c', probe], { encoding: 'utf8' });
    if (status !== 0) continue;
    sought = { python: { file, versions: stdout.trim() } };
    return sought.python;
  }
  sought = { python: undefined };
  return undefined;
};

export const djangoChannelsPeer = (): Peer => ({
  name: 'Django Channels',
  get setUp() {
    return `a consumer of the Channels tutorial over channels_redis.pubsub, one uvicorn process (${findPython()?.versions ?? 'not here'})`;
  },
  form: 'channels',
  greeting: (channels) => ({ kind: 'websocket', path: `/ws/?channels=${channels.join(',')}` }),
  missing: () =>
    findPython() === undefined
      ? 'no Python with channels_redis, uvicorn and websockets (node scripts/test.mjs --setup-only)'
      : undefined,
  async start({ children, cores, redisUrl }) {
    const port = await freePort();
    const child = children.start({
      name: 'Django Channels',
      command: findPython()?.file ?? 'python3',
      args: [
        ...['-m', 'uvicorn', 'application:application', '--app-dir', inRoot('bench/peers/django')],
        ...['--host', '127.0.0.1', '--port', String(port), '--backlog', '4096'],
        ...['--log-level', 'warning', '--no-access-log', '--lifespan', 'off'],
      ],
      cores,
      env: { BENCH_REDIS_URL: redisUrl, PYTHONDONTWRITEBYTECODE: '1' },
    });
    await untilAccepting(port, () => child.output());
    return { child, port };
  },
});

const untilAccepting = async (port: number, output: () => string): Promise<void> => {
  const deadline = Date.now() + 20_000;
  while (!(await accepts(port))) {
    if (Date.now() > deadline) throw new Error(`Django Channels did not start: ${output().trim()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
