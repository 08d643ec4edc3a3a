import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { freePort } from '../support/free-port.js';
import { repository } from '../support/manifests.js';
import { connectPlain } from '../support/plain-client.js';
import { prometheusBin } from '../support/prometheus-bin.js';
import { startRedisServer } from '../support/redis-server.js';
import { startTickwire } from '../support/tickwire-process.js';
import { waitFor } from '../support/wait-for.js';

interface Panel {
  readonly targets?: readonly { readonly expr: string }[];
}
const read = (path: string): string => readFileSync(join(repository, path), 'utf8');
const { panels } = JSON.parse(read('deploy/grafana/dashboards/tickwire.json')) as { panels: readonly Panel[] };
const queries = panels
  .flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
  // Scores are exported when enough forecasts have met what they forecast: later than a test waits.
  .filter((expr) => !expr.includes('tickwire_forecast_'));

/** The configuration that is delivered, with addresses in the place of Docker's names. */
const configFor = (ports: Readonly<Record<string, number>>): string =>
  read('deploy/prometheus/prometheus.yml')
    .replace(/(scrape|evaluation)_interval: 5s/g, '$1_interval: 200ms')
    .replace(/dns_sd_configs:\n\s+- \{ names: \[(\w+)\].*\}/g, (_, name: string) => {
      return `static_configs: [{ targets: ["127.0.0.1:${ports[name]}"] }]`;
    });

const startPrometheus = async (ports: Readonly<Record<string, number>>) => {
  const folder = mkdtempSync(join(tmpdir(), 'tickwire-prometheus-'));
  writeFileSync(join(folder, 'prometheus.yml'), configFor(ports));
  copyFileSync(join(repository, 'deploy/prometheus/alerts.yml'), join(folder, 'alerts.yml'));
  const port = await freePort();
  const child = spawn(
    prometheusBin('prometheus'),
    [
      `--config.file=${folder}/prometheus.yml`,
      `--storage.tsdb.path=${folder}/data`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: 'ignore' },
  );
  const ask = async (path: string): Promise<Record<string, unknown>> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    const { status, data } = (await response.json()) as { status: string; data: Record<string, unknown> };
    if (status !== 'success') throw new Error(`${path}: ${JSON.stringify(data)}`);
    return data;
  };
  await waitFor('Prometheus', () =>
    fetch(`http://127.0.0.1:${port}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    ),
  );
  return {
    ask,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await once(child, 'close');
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

describe('Prometheus', () => {
  it('[O12] scrapes gateway and producer, has data for every panel but the scores of forecasts, and no alert where all is well', async () => {
    await using redis = await startRedisServer();
    const REDIS_URL = redis.url;
    await using producer = await startTickwire('producer', {
      REDIS_URL,
      SYMBOLS: 'BTC-USD',
      SIM_RATE: '40',
    });
    await using gateway = await startTickwire('gateway', { REDIS_URL, DRAIN_MS: '0' });
    using client = await connectPlain(`${gateway.url}/ws/prediction/?channels=trade.sim.BTC-USD`);
    await waitFor('trades', () => client.messages.length > 50);
    await using prometheus = await startPrometheus({
      gateway: gateway.port,
      producer: Number(new URL(producer.url).port),
    });
    let empty: readonly string[] = queries;
    const ask = async (): Promise<void> => {
      const found: string[] = [];
      for (const expr of empty) {
        const { result } = await prometheus.ask(`/api/v1/query?query=${encodeURIComponent(expr)}`);
        if ((result as readonly unknown[]).length === 0) found.push(expr);
      }
      empty = found;
    };
    await waitFor('data for every panel', () => ask().then(() => empty.length === 0), 40_000);
    const { activeTargets } = (await prometheus.ask('/api/v1/targets')) as { activeTargets: { health: string }[] };
    expect(activeTargets.map(({ health }) => health)).toEqual(['up', 'up']);
    const { groups } = (await prometheus.ask('/api/v1/rules')) as {
      groups: { rules: { name: string; health: string; state: string }[] }[];
    };
    const rules = groups.flatMap((group) => group.rules);
    expect(rules.length).toBeGreaterThan(10);
    expect(rules.filter(({ health, state }) => health !== 'ok' || state === 'firing')).toEqual([]);
  });
});
