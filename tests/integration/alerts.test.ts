import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { stringify } from 'yaml';
import { readYaml, repository } from '../support/manifests.js';
import { prometheusBin } from '../support/prometheus-bin.js';

const run = promisify(execFile);
const rulesFile = 'deploy/prometheus/alerts.yml';
const [{ groups }] = readYaml(rulesFile) as [{ groups: { rules: Rule[] }[] }];
const rules = groups.flatMap((group) => group.rules);

interface Rule {
  readonly alert: string;
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

/** A sample each 15 s: what makes it fire, and what is close to it. */
const cases: Readonly<Record<string, { readonly fires: Series; readonly quiet?: Series }>> = {
  NoLeader: { fires: { 'tickwire_producer_leading{instance="a"}': '0x360' } },
  TwoLeaders: {
    fires: { 'tickwire_producer_leading{instance="a"}': '1x360', 'tickwire_producer_leading{instance="b"}': '1x360' },
  },
  NoStandby: { fires: { 'tickwire_producer_leading{instance="a"}': '1x360' } },
  FeedDiffers: { fires: { tickwire_producer_feed_differs: '1x360' } },
  NothingPublished: { fires: { tickwire_producer_published_total: '5x360' } },
  FeedDown: { fires: { 'tickwire_feed_state{venue="sim", symbol="BTC-USD", state="down"}': '1x360' } },
  ProducerOverflow: { fires: { tickwire_producer_overflowed_total: '0+1x360' } },
  ProducerBehind: { fires: { tickwire_producer_buffered: '2000x360', tickwire_producer_leading: '1x360' } },
  GroupsSetAside: { fires: { tickwire_producer_groups_set_aside: '1x360' } },
  HistoryShortened: { fires: { tickwire_producer_history_reductions_total: '0+1x360' } },
  GatewayDown: { fires: { [of('up')]: '0x360' } },
  GatewayNotReady: { fires: { [of('tickwire_ready')]: '0x360' } },
  WorkersMissing: {
    fires: { [of('tickwire_workers')]: '2x360', [of('tickwire_workers_wanted')]: '3x360' },
    quiet: {
      [of('tickwire_workers')]: '3x360',
      [of('tickwire_workers_wanted')]: '3x360',
      [of('tickwire_workers_silent')]: '0x360',
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
  ClockOff: { fires: { 'tickwire_feed_clock_offset_ms{venue="sim"}': '-3000x360' } },
  ForecastUncalibrated: {
    fires: {
      'tickwire_forecast_recent_coverage_ratio{symbol="X"}': '0.5x360',
      'tickwire_forecast_outcomes{symbol="X"}': '2000x360',
    },
    quiet: {
      'tickwire_forecast_recent_coverage_ratio{symbol="X"}': '0.5x360',
      'tickwire_forecast_outcomes{symbol="X"}': '10x360',
    },
  },
};

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
    const folder = await mkdtemp(join(tmpdir(), 'tickwire-alerts-'));
    const file = join(folder, 'alerts.test.yml');
    const tests = Object.entries(cases).flatMap(([alert, { fires, quiet }]) => [
      scenario(alert, fires, 1),
      ...(quiet === undefined ? [] : [scenario(alert, quiet, 0)]),
    ]);
    await writeFile(file, stringify({ rule_files: [join(repository, rulesFile)], evaluation_interval: '1m', tests }));
    const outcome = await run(prometheusBin('promtool'), ['test', 'rules', file]).catch(
      ({ stdout, stderr }: { stdout: string; stderr: string }) => ({ stdout, stderr }),
    );
    await rm(folder, { recursive: true });
    expect(outcome.stdout + outcome.stderr).toMatch(/SUCCESS\s*$/);
  });
});
