import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { repository } from '../support/manifests.js';

/** Keeps the ids of containers in files, one a service, and notes who runs whenever one leaves. */
const fakeDocker = `#!/bin/sh
cd "$STATE"
echo "$*" >> calls
case "$1 \${2:-}" in
  'image inspect') cat "image-$5" 2>/dev/null || exit 1 ;;
  'compose build') echo new > image-tickwire ;;
  'compose ps') cat "$4" ;;
  'compose config') printf '        published: "%s"\\n' "$WANTED_PORT" ;;
  'compose up')
    for word in $*; do case $word in
      producer=*|gateway=*) service=\${word%=*}; for i in $(seq $((\${word#*=} / 2))); do echo "$service-new$i" >> $service; done ;;
    esac; done ;;
  'inspect --format') case "$3 $4" in
    *RestartCount*$CRASHING*) echo 3 ;;
    *RestartCount*) echo 0 ;;
    *PortBindings*) echo '8080  ' ;;
    *) case "$4" in $SICK*) echo starting ;; *) echo healthy ;; esac ;;
  esac ;;
  stop*) echo "$4 leaves: $(cat "\${4%-*}" | tr '\\n' ' ')" >> leaving ;;
  rm*) for word in $*; do id=$word; done; grep -v "^$id\\$" "\${id%-*}" > rest || true; mv rest "\${id%-*}" ;;
  tag*) echo "$2" > "image-$3" ;;
esac
`;

interface Upgraded {
  readonly exitCode: number;
  readonly output: string;
  readonly file: (name: string) => Promise<string>;
}

interface Trouble {
  /** How the names of containers begin that never become ready. */
  readonly sick?: string;
  /** The one of them that ends again and again. */
  readonly crashing?: string;
  /** How long one may take. */
  readonly readySeconds?: number;
  /** Where the settings of now would have the balancer; it is at 8080. */
  readonly wantedPort?: number;
}

const upgrade = async (
  state: string,
  args: readonly string[] = [],
  { sick = 'nobody', crashing = 'nobody', readySeconds = 1, wantedPort = 8080 }: Trouble = {},
): Promise<Upgraded> => {
  const file = (name: string): Promise<string> => readFile(join(state, name), 'utf8').catch(() => '');
  await writeFile(join(state, 'docker'), fakeDocker);
  await chmod(join(state, 'docker'), 0o755);
  const env = {
    PATH: `${state}:${process.env['PATH']}`,
    STATE: state,
    SICK: sick,
    CRASHING: crashing,
    WANTED_PORT: String(wantedPort),
  };
  return new Promise((resolve) => {
    execFile(
      join(repository, 'deploy/upgrade'),
      [...args],
      { env: { ...env, SETTLE_SECONDS: '0', READY_SECONDS: String(readySeconds) } },
      (error, stdout, stderr) => resolve({ exitCode: Number(error?.code ?? 0), output: stdout + stderr, file }),
    );
  });
};

const openState = async () => {
  const state = await mkdtemp(join(tmpdir(), 'tickwire-upgrade-'));
  for (const service of ['producer', 'gateway']) await writeFile(join(state, service), `${service}-1\n${service}-2\n`);
  await writeFile(join(state, 'haproxy'), 'haproxy-1\n');
  await writeFile(join(state, 'image-tickwire'), 'old\n');
  return { state, [Symbol.asyncDispose]: () => rm(state, { recursive: true, force: true }) };
};

describe('deploy/upgrade', () => {
  it('[E92] starts as many new ones as there are, and then lets the old ones leave one by one: producers, gateways, the balancer', async () => {
    await using opened = await openState();
    const { exitCode, output, file } = await upgrade(opened.state);
    expect([exitCode, output]).toEqual([0, expect.stringMatching(/done\n$/)]);
    expect(await file('leaving')).toBe(
      ['producer', 'gateway']
        .map(
          (service) =>
            `${service}-1 leaves: ${service}-1 ${service}-2 ${service}-new1 ${service}-new2 \n` +
            `${service}-2 leaves: ${service}-2 ${service}-new1 ${service}-new2 \n`,
        )
        .join(''),
    );
    expect(await file('gateway')).toBe('gateway-new1\ngateway-new2\n');
    expect((await file('calls')).trimEnd().split('\n').slice(-5, -1)).toEqual([
      'compose up --detach --no-build --no-deps haproxy',
      'compose exec --no-TTY haproxy haproxy -c -f /usr/local/etc/haproxy/haproxy.cfg',
      'compose kill --signal USR2 haproxy',
      'image inspect --format {{.Id}} tickwire',
    ]);
    expect(await file('image-tickwire:previous')).toBe('old\n');
    expect((await upgrade(opened.state, ['--back'])).exitCode).toBe(0);
    expect(await file('image-tickwire')).toBe('old\n');
    expect(await file('image-tickwire:previous')).toBe('new\n');
  });

  it('[E92] removes new ones that do not become ready: the old ones go on, and the old image is the one to start from', async () => {
    await using opened = await openState();
    const { exitCode, output, file } = await upgrade(opened.state, [], { sick: 'producer-new2' });
    expect([exitCode, output]).toEqual([1, expect.stringContaining('given up: what ran before goes on')]);
    expect(await file('producer')).toBe('producer-1\nproducer-2\n');
    expect(await file('gateway')).toBe('gateway-1\ngateway-2\n');
    expect(await file('leaving')).toBe('');
    expect(await file('image-tickwire')).toBe('old\n');
  });

  it('[E92] does nothing where the balancer would leave the port at which clients reach it', async () => {
    await using opened = await openState();
    const { exitCode, output, file } = await upgrade(opened.state, [], { wantedPort: 9090 });
    expect([exitCode, output]).toEqual([
      1,
      expect.stringContaining('haproxy is at port 8080, and would not be any more'),
    ]);
    expect(await file('calls')).not.toMatch(/build|up|tag/);
  });

  it('[E92] waits no longer for a new one that ends again and again', async () => {
    await using opened = await openState();
    const trouble = { sick: 'producer-new1', crashing: 'producer-new1', readySeconds: 3_600 };
    const { exitCode, output } = await upgrade(opened.state, [], trouble);
    expect([exitCode, output]).toEqual([
      1,
      expect.stringContaining('a new producer does not become ready (READY_SECONDS=3600), and says:'),
    ]);
  });
});
