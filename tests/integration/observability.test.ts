import { execFile, execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '../support/free-port.js';
import { readYaml, repository } from '../support/manifests.js';
import { connectPlain } from '../support/plain-client.js';
import { prometheusBin } from '../support/prometheus-bin.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';
import { startTickwire, type TickwireProcess } from '../support/tickwire-process.js';
import { waitFor } from '../support/wait-for.js';

const run = promisify(execFile);
const text = (path: string): string => readFileSync(join(repository, path), 'utf8');

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: { readonly summary: string };
}

const rulesFile = 'deploy/prometheus/alerts.yml';
const [{ groups }] = readYaml(rulesFile) as [{ groups: { rules: Rule[] }[] }];
const rules = groups.flatMap((group) => group.rules);

interface Panel {
  readonly targets?: readonly { readonly expr: string }[];
}
const { panels } = JSON.parse(text('deploy/grafana/dashboards/tickwire.json')) as { panels: readonly Panel[] };
const queries = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));

const metricName = /\b(?:tickwire|nodejs|process)_[a-z0-9_]+\b/g;
const namesIn = (source: string): readonly string[] => source.match(metricName) ?? [];

/** Samples by name and labels. */
const samplesOf = (scraped: string): ReadonlyMap<string, number> =>
  new Map(
    scraped
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );

let redis: RedisServer;
let producer: TickwireProcess;
let gateway: TickwireProcess;
let metricsPort: number;
const scrapeGateway = async (): Promise<string> => (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
const scrapeProducer = async (): Promise<string> => (await fetch(`${producer.url}/metrics`)).text();

beforeAll(async () => {
  redis = await startRedisServer();
  metricsPort = await freePort();
  const REDIS_URL = redis.url;
  producer = await startTickwire('producer', { REDIS_URL, SYMBOLS: 'BTC-USD', SIM_RATE: '40' });
  gateway = await startTickwire('gateway', { REDIS_URL, DRAIN_MS: '0', METRICS_PORT: String(metricsPort) });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await producer[Symbol.asyncDispose]();
  await redis[Symbol.asyncDispose]();
});

describe('observability', () => {
  it('[G81] METRICS_PORT serves the metrics, the port of the clients does not', async () => {
    expect((await fetch(`${gateway.url}/metrics`)).status).toBe(404);
    const response = await fetch(`http://127.0.0.1:${metricsPort}/metrics`);
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0.0.4/);
    expect((await fetch(`http://127.0.0.1:${metricsPort}/`)).status).toBe(404);
  });

  it('[G80] what a client is sent can be read from the metrics', async () => {
    using client = await connectPlain(`${gateway.url}/ws/prediction/?channels=trade.sim.BTC-USD&last=1`);
    await waitFor('trades', () => client.messages.length > 50);
    const samples = samplesOf(await scrapeGateway());
    expect(samples.get('tickwire_connections')).toBe(1);
    expect(samples.get('tickwire_subscriptions')).toBe(1);
    expect(samples.get('tickwire_layer_up')).toBe(1);
    expect(samples.get('tickwire_publications_total')).toBeGreaterThan(49);
    expect(samples.get('tickwire_deliveries_total')).toBeGreaterThan(49);
    expect(samples.get('tickwire_latency_seconds_count{stage="producer_to_gateway"}')).toBeGreaterThan(49);
    expect(samples.get('tickwire_latency_seconds_count{stage="gateway_to_socket"}')).toBeGreaterThan(0);
    expect(samples.get('tickwire_latency_seconds_sum{stage="producer_to_gateway"}')).toBeGreaterThan(0);
    const ofProducer = samplesOf(await scrapeProducer());
    expect(ofProducer.get('tickwire_latency_seconds_count{stage="venue_to_producer"}')).toBeGreaterThan(49);
    expect(ofProducer.get('tickwire_producer_published_total')).toBeGreaterThan(49);
  });

  it('[O8] every metric that is named somewhere is exported by a process', async () => {
    const known = await waitFor('the metrics of forecasts and feeds', async () => {
      const scraped = (await scrapeGateway()) + (await scrapeProducer());
      return scraped.includes('tickwire_feed_state{') && scraped;
    });
    const reported = new Set(namesIn([...samplesOf(known).keys(), ...known.matchAll(/^# HELP (\S+)/gm)].join('\n')));
    const named = [
      ...rules.map(({ expr }) => expr),
      ...queries,
      text('deploy/kubernetes/base/gateway-scaling.yaml'),
      text('deploy/kubernetes/examples/prometheus-adapter.yaml'),
      text('docs/operations.md'),
    ].flatMap(namesIn);
    expect(rules.length).toBeGreaterThan(10);
    expect(queries.length).toBeGreaterThan(20);
    expect([...new Set(named)].filter((name) => !reported.has(name))).toEqual([]);
  });

  it('[O8] the metrics keep the conventions, and promtool takes rules and configuration', async () => {
    const scraped = (await scrapeGateway()) + (await scrapeProducer());
    const counters = [...scraped.matchAll(/^# TYPE (tickwire_\S+) counter$/gm)].map(([, name]) => name ?? '');
    expect(counters.length).toBeGreaterThan(15);
    expect(counters.filter((name) => !name.endsWith('_total'))).toEqual([]);
    expect([...scraped.matchAll(/^# TYPE (tickwire_\S+_total) (?!counter)/gm)]).toEqual([]);
    const promtool = prometheusBin('promtool');
    await run(promtool, ['check', 'rules', join(repository, rulesFile)]);
    for (const text of [await scrapeGateway(), await scrapeProducer()]) {
      const checked = execFileSync(promtool, ['check', 'metrics'], { input: text, stdio: ['pipe', 'pipe', 'pipe'] });
      expect(checked.toString()).toBe('');
    }
    await run(promtool, ['check', 'config', join(repository, 'deploy/prometheus/prometheus.yml')]);
  });

  it('[O60] every counter is read: by an alert, a panel, or a line of docs/operations.md that says why by neither', async () => {
    const scraped = (await scrapeGateway()) + (await scrapeProducer());
    const counters = [...scraped.matchAll(/^# TYPE (tickwire_\S+) counter$/gm)].map(([, name = '']) => name);
    const charted = new Set([...rules.map(({ expr }) => expr), ...queries].flatMap(namesIn));
    const explained = new Set(
      [...text('docs/operations.md').matchAll(/^\| `(tickwire_\S+_total)`/gm)].map(([, name]) => name),
    );
    expect(counters.length).toBeGreaterThan(40);
    expect(counters.filter((name) => !charted.has(name) && !explained.has(name))).toEqual([]);
    // Nor is a reason kept for what somebody reads, or what is no more.
    expect([...explained].filter((name = '') => charted.has(name) || !counters.includes(name))).toEqual([]);
  });

  it('[O9] every alert has its entry in the runbook, and no other has', () => {
    const runbook = [...text('docs/operations.md').matchAll(/^### ([A-Z][A-Za-z]+)$/gm)].map(([, name]) => name);
    const inRunbook = runbook.slice(runbook.indexOf('NoLeader'));
    expect(inRunbook.sort()).toEqual(rules.map(({ alert }) => alert).sort());
  });

  it('[O62] every entry of the runbook has a command and its output', () => {
    const entries = text('docs/operations.md').split(/^### /m).slice(1);
    const without = rules.filter(({ alert }) => {
      const entry = entries.find((each) => each.startsWith(`${alert}\n`)) ?? '';
      // A line after a command that is no other command.
      return !/^```\n\$ [\s\S]*^[^$`]/m.test(entry);
    });
    expect(without.map(({ alert }) => alert)).toEqual([]);
  });

  it('[O8] labels have few values: no symbol, channel or client on a gateway', async () => {
    const labels = new Set([...(await scrapeGateway()).matchAll(/[{,]([a-z_]+)="/g)].map(([, name]) => name));
    const few = [
      'stage',
      'le',
      'event',
      'reason',
      'outcome',
      'kind',
      'type',
      'space',
      'version',
      'app',
      'name',
      'host',
      'major',
      'minor',
      'patch',
    ];
    expect([...labels].filter((label) => !few.includes(label ?? ''))).toEqual([]);
  });
});
