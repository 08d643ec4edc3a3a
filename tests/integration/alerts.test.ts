import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { stringify } from 'yaml';
import { readYaml } from '../support/manifests.js';
import { prometheusBin } from '../support/prometheus-bin.js';

const run = promisify(execFile);
const rulesFile = 'deploy/prometheus/alerts.yml';
const [{ groups }] = readYaml(rulesFile) as [{ groups: { rules: Rule[] }[] }];
const rules = groups.flatMap((group) => group.rules);

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: Readonly<Record<string, string>>;
}
type Series = Readonly<Record<string, string>>;

const gateway = 'instance="10.0.0.7:8000", job="gateway"';
const of = (name: string, labels = ''): string => `${name}{${[gateway, labels].filter(Boolean).join(', ')}}`;
const latency = (stage: string): Series => ({
  [of('tickwire_latency_seconds_bucket', `stage="${stage}", le="0.25"`)]: '0+0x360',
  [of('tickwire_latency_seconds_bucket', `stage="${stage}", le="1"`)]: '0+100x360',
  [of('tickwire_latency_seconds_bucket', `stage="${stage}", le="+Inf"`)]: '0+100x360',
  [of('tickwire_latency_seconds_count', `stage="${stage}"`)]: '0+100x360',
});

/** A sample each 15 s: what makes it fire, each by itself, and what is close to it. */
const cases: Readonly<Record<string, { readonly fires: Series | readonly Series[]; readonly quiet?: Series }>> = {
  NoLeader: {
    fires: [
      { 'tickwire_producer_leading{instance="a"}': '0x360' },
      // All producers of a part are gone, those of another are not.
      {
        'tickwire_producer_leading{instance="a", part="x"}': '1x360',
        'tickwire_producer_leading{instance="b", part="y"}': '1x310 stale',
      },
    ],
    quiet: {
      'tickwire_producer_leading{instance="a", part="x"}': '1x310 stale',
      'tickwire_producer_leading{instance="b", part="x"}': '0x310 1x50',
    },
  },
  TwoLeaders: {
    fires: { 'tickwire_producer_leading{instance="a"}': '1x360', 'tickwire_producer_leading{instance="b"}': '1x360' },
  },
  NoStandby: { fires: { 'tickwire_producer_leading{instance="a"}': '1x360' } },
  FeedDiffers: { fires: { tickwire_producer_feed_differs: '1x360' } },
  NothingPublished: { fires: { tickwire_producer_published_total: '5x360' } },
  FeedDown: {
    fires: { ...streams('a', 'down', 1), ...leads('a', 1) },
    quiet: { ...streams('b', 'down', 1), ...leads('b', 0) },
  },
  StandbyFeedDown: {
    fires: { ...streams('a', 'down', 0), ...leads('a', 1), ...streams('b', 'stale', 2), ...leads('b', 0) },
    quiet: { ...streams('a', 'down', 2), ...leads('a', 1), ...streams('b', 'down', 2), ...leads('b', 0) },
  },
  FeedGaps: {
    fires: { 'tickwire_feed_gaps_total{venue="kraken", instance="a"}': '0+1x360', ...leads('a', 1) },
    quiet: { 'tickwire_feed_gaps_total{venue="kraken", instance="a"}': '0x100 1x260', ...leads('a', 1) },
  },
  FeedUnreadable: {
    fires: feedFrames({ frames: '0+10x360', bad_frames: '0+2x360', bad_entries: '0x360' }),
    quiet: feedFrames({ frames: '0+100x360', bad_frames: '0+1x360', bad_entries: '0+1x360' }),
  },
  ProducerOverflow: { fires: { tickwire_producer_overflowed_total: '0+1x360' } },
  ProducerBehind: { fires: { tickwire_producer_buffered: '2000x360', tickwire_producer_leading: '1x360' } },
  GroupsSetAside: { fires: { tickwire_producer_groups_set_aside: '1x360' } },
  MessagesGivenUp: { fires: { tickwire_producer_refused_total: '0+1x360' } },
  HistoryShortened: { fires: { tickwire_producer_history_reductions_total: '0+1x360' } },
  GatewayDown: { fires: { [of('up')]: '0x360' } },
  GatewayNotReady: { fires: { [of('tickwire_ready')]: '0x360' } },
  WorkersMissing: {
    fires: [
      { [of('tickwire_workers')]: '2x360', [of('tickwire_workers_wanted')]: '3x360' },
      { [of('tickwire_workers_silent')]: '1x360' },
      { [of('tickwire_worker_exits_total', 'kind="error"')]: '0+1x360' },
    ],
    quiet: {
      [of('tickwire_workers')]: '3x360',
      [of('tickwire_workers_wanted')]: '3x360',
      [of('tickwire_workers_silent')]: '0x360',
      [of('tickwire_worker_exits_total', 'kind="orderly"')]: '0+1x360',
      [of('tickwire_worker_exits_total', 'kind="error"')]: '0x300 1x60',
    },
  },
  RedisOutOfReach: { fires: { [of('tickwire_layer_up')]: '0x360' } },
  PublicationsLost: { fires: { [of('tickwire_dropped_total', 'reason="lost"')]: '0+1x360' } },
  HolesInPubSub: { fires: { [of('tickwire_gaps_total')]: '0+30x360' } },
  LateToGateway: {
    fires: latency('producer_to_gateway'),
    quiet: { ...latency('gateway_to_socket'), ...young('producer_to_gateway') },
  },
  LateToSocket: {
    fires: latency('gateway_to_socket'),
    quiet: { ...latency('producer_to_gateway'), ...young('gateway_to_socket') },
  },
  EventLoopLag: { fires: { [of('nodejs_eventloop_lag_p99_seconds')]: '0.3x360' } },
  SlowClients: {
    fires: { [of('tickwire_slow_sessions')]: '20x360', [of('tickwire_connections')]: '100x360' },
    quiet: { [of('tickwire_slow_sessions')]: '5x360', [of('tickwire_connections')]: '10x360' },
  },
  ClientsRejected: {
    fires: { [of('tickwire_refusals_total', 'reason="connections"')]: '0+30x360' },
    quiet: {
      [of('tickwire_refusals_total', 'reason="connections"')]: '0x100 1x260',
      [of('tickwire_refusals_total', 'reason="connections-per-ip"')]: '0+30x360',
      [of('tickwire_refusals_total', 'reason="token"')]: '0+30x360',
    },
  },
  KeysOutOfReach: { fires: { [of('tickwire_key_fetch_failures_total')]: '0+1x360' } },
  MessagesRejected: {
    fires: [
      { [of('tickwire_dropped_total', 'reason="forged"')]: '0+1x360' },
      { [of('tickwire_layer_events_total', 'event="poison"')]: '0+1x360' },
    ],
    quiet: { [of('tickwire_dropped_total', 'reason="duplicate"')]: '0+9x360' },
  },
  InternalErrors: {
    fires: [
      { [of('tickwire_failed_requests_total')]: '0+1x360' },
      { [of('tickwire_failed_taps_total')]: '0+1x360' },
      { [of('tickwire_layer_events_total', 'event="listener-failed"')]: '0+1x360' },
    ],
  },
  LogLinesDropped: {
    fires: [
      { [of('tickwire_log_lines_dropped_total')]: '0+1x360' },
      { 'tickwire_producer_log_lines_dropped_total{instance="a"}': '0+1x360' },
    ],
    quiet: { [of('tickwire_log_lines_dropped_total')]: '7x360' },
  },
  ClockOff: { fires: { 'tickwire_feed_clock_offset_ms{venue="sim"}': '-3000x360' } },
  ForecastUncalibrated: {
    fires: [
      { ...coverage('a', 10, 'recent', 0.5), ...leads('a', 1), ...coverage('b', 10, 'recent', 0.5), ...leads('b', 0) },
      { ...coverage('a', 300, 'all', 0.8), ...leads('a', 1) },
    ],
    quiet: {
      ...coverage('a', 300, 'recent', 0.5),
      ...coverage('a', 1, 'recent', 0.5, 1),
      ...coverage('a', 900, 'all', 0.8, 1),
      ...leads('a', 1),
    },
  },
};

function leads(instance: string, value: 0 | 1): Series {
  return { [`tickwire_producer_leading{instance="${instance}"}`]: `${value}x360` };
}
function streams(instance: string, state: string, count: number): Series {
  const labels = (of: string): string => `{instance="${instance}", venue="sim", state="${of}"}`;
  return {
    [`tickwire_feed_streams${labels('live')}`]: '4x360',
    [`tickwire_feed_streams${labels(state)}`]: `${count}x360`,
  };
}
function feedFrames(counted: Series): Series {
  return Object.fromEntries(
    Object.entries(counted).map(([name, values]) => [`tickwire_feed_${name}_total{venue="kraken"}`, values]),
  );
}
function coverage(instance: string, seconds: number, of: 'recent' | 'all', share: number, warming: 0 | 1 = 0): Series {
  const labels = `symbol="X", horizon_seconds="${seconds}", instance="${instance}"`;
  const name = `tickwire_forecast${of === 'recent' ? '_recent' : ''}_coverage_ratio`;
  return {
    [`${name}{${labels}${of === 'all' ? ', level="90"' : ''}}`]: `${share}x360`,
    [`tickwire_forecast_warming{${labels}}`]: `${warming}x360`,
  };
}

/** Three late ones in a minute say nothing of one in a hundred. */
function young(stage: string): Series {
  return {
    [of('tickwire_latency_seconds_bucket', `stage="${stage}", le="0.25"`)]: '0+0x360',
    [of('tickwire_latency_seconds_bucket', `stage="${stage}", le="1"`)]: '0+1x360',
    [of('tickwire_latency_seconds_bucket', `stage="${stage}", le="+Inf"`)]: '0+1x360',
    [of('tickwire_latency_seconds_count', `stage="${stage}"`)]: '0+1x360',
  };
}

const known: Series = {
  [of('tickwire_build_info', 'app="gateway", name="gateway-1", host="3f9c", version="0.1.0"')]: '1x360',
};
const scenario = (alert: string, series: Series, count: number) => ({
  interval: '15s',
  input_series: Object.entries({ ...known, ...series }).map(([name, values]) => ({ series: name, values })),
  promql_expr_test: [
    {
      expr: `count(ALERTS{alertname="${alert}", alertstate="firing"}) or vector(0)`,
      eval_time: '80m',
      exp_samples: [{ labels: '{}', value: count }],
    },
  ],
});

describe('the alerts', () => {
  it('[E93] each says which page of the runbook is about it, and those of a process who that is', () => {
    for (const { alert, annotations } of rules) {
      expect([alert, annotations['runbook_url']]).toEqual([
        alert,
        expect.stringMatching(new RegExp(`/docs/operations\\.md#${alert.toLowerCase()}$`)),
      ]);
      const isOfProcess = annotations['summary']?.includes('$labels.instance') ?? false;
      expect([alert, annotations['who'] !== undefined]).toEqual([alert, isOfProcess]);
    }
  });

  it('[E93] each fires on what it is for, and not where there is too little to judge', async () => {
    expect(Object.keys(cases).sort()).toEqual(rules.map(({ alert }) => alert).sort());
    const files = rules.map((rule) => {
      const { fires, quiet } = cases[rule.alert] ?? { fires: [] };
      const scenarios = [fires].flat().map((series) => scenario(rule.alert, series, 1));
      if (quiet !== undefined) scenarios.push(scenario(rule.alert, quiet, 0));
      return { rules: [rule], tests: scenarios };
    });
    const output = await promtool(files);
    expect(output.match(/SUCCESS/g) ?? output).toHaveLength(rules.length);
  });

  it('[E93] a stream that brings nothing counts once, however many producers follow it', async () => {
    const expr = rules.find(({ alert }) => alert === 'FeedDown')?.expr;
    const series = { ...streams('a', 'down', 2), ...leads('a', 1), ...streams('b', 'down', 3), ...leads('b', 0) };
    const input_series = Object.entries(series).map(([name, values]) => ({ series: name, values }));
    const exp_samples = [{ labels: '{venue="sim"}', value: 2 }];
    const tests = [{ interval: '15s', input_series, promql_expr_test: [{ expr, eval_time: '10m', exp_samples }] }];
    expect(await promtool([{ rules, tests }])).toMatch(/SUCCESS\s*$/);
  });
});

/** What promtool says of tests of rules; each rule costs time in every test that is beside it. */
const promtool = async (
  files: readonly { readonly rules: readonly Rule[]; readonly tests: readonly unknown[] }[],
): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'tickwire-alerts-'));
  const write = async (name: string, content: object): Promise<string> => {
    const file = join(folder, name);
    await writeFile(file, stringify(content));
    return file;
  };
  const written = await Promise.all(
    files.map(async ({ rules: tested, tests }, at) => {
      const rule_files = [await write(`${at}.rules.yml`, { groups: [{ name: 'tested', rules: tested }] })];
      return write(`${at}.test.yml`, { rule_files, evaluation_interval: '1m', tests });
    }),
  );
  const { stdout, stderr } = await run(prometheusBin('promtool'), ['test', 'rules', ...written]).catch(
    (failed: { stdout: string; stderr: string }) => failed,
  );
  await rm(folder, { recursive: true });
  return stdout + stderr;
};
