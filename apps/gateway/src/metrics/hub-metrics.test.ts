import { afterAll, describe, expect, it } from '@jest/globals';
import { createMemoryHistory, createMemoryLayer, type LayerEvent } from '@tickwire/channel-layer';
import { createHub, type HubCounters, Publication } from '@tickwire/hub';
import type { Registry } from 'prom-client';
import { watchLayerLoss } from '../readiness/layer-loss.js';
import { createGatewayMetrics } from './gateway-metrics.js';
import { createHubMetrics } from './hub-metrics.js';

const layer = createMemoryLayer();
const history = createMemoryHistory({ publish: () => {} });
afterAll(() => layer.close());

const layerLoss = { reason: undefined };

const lines = async (registry: Registry): Promise<string[]> => (await registry.metrics()).split('\n');

describe('gateway metrics', () => {
  it('[G80] report what the hub counts, as counters that never go back', async () => {
    const gateway = createGatewayMetrics('test');
    const { registry } = gateway;
    const metrics = createHubMetrics({ metrics: gateway, layer, layerLoss });
    const hub = createHub({ source: { layer, history }, observer: metrics.observer });
    metrics.watch(hub);
    const counters = hub.counters as HubCounters;
    counters.deliveries = 7;
    counters.lost = 2;
    counters.unrecovered = 1;
    counters.closes.set('slow', 2);
    for (const _ of [1, 2]) {
      const text = await lines(registry);
      expect(text).toContain('tickwire_deliveries_total 7');
      expect(text).toContain('tickwire_dropped_total{reason="lost"} 2');
      expect(text).toContain('tickwire_dropped_total{reason="duplicate"} 0');
      expect(text).toContain('tickwire_recoveries_total{outcome="unrecovered"} 1');
      expect(text).toContain('tickwire_closes_total{reason="slow"} 2');
      expect(text).toContain('tickwire_subscriptions 0');
    }
    await hub.close();
    metrics.close();
  });

  it('[G80] put latencies into the right buckets, also those below zero', async () => {
    const gateway = createGatewayMetrics('test');
    const { registry } = gateway;
    const metrics = createHubMetrics({ metrics: gateway, layer, layerLoss, now: () => 1_000 });
    const publication = (pts: unknown) => new Publication('c', undefined, { type: 't', pts });
    for (const pts of [998, 1_200, 'no number', undefined]) metrics.observer.published(publication(pts));
    metrics.observer.passed(3, 20);
    const text = await lines(registry);
    expect(text).toContain('tickwire_latency_seconds_count{stage="producer_to_gateway"} 2');
    expect(text).toContain('tickwire_latency_seconds_bucket{le="0",stage="producer_to_gateway"} 1');
    expect(text).toContain('tickwire_latency_seconds_bucket{le="0.025",stage="gateway_to_socket"} 1');
    expect(text).toContain('tickwire_flush_window_seconds_sum 0.003');
    metrics.close();
  });

  it('[G80] report whether Redis is reachable, and the events of the layer', async () => {
    const listeners = new Set<(event: LayerEvent) => void>();
    const emit = (event: LayerEvent): void => {
      for (const listener of listeners) listener(event);
    };
    const gateway = createGatewayMetrics('test');
    const { registry } = gateway;
    const layer = {
      onEvent(listener: (event: LayerEvent) => void) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    };
    const loss = watchLayerLoss(layer, () => []);
    const metrics = createHubMetrics({ metrics: gateway, layer, layerLoss: loss });
    expect(await lines(registry)).toContain('tickwire_layer_up 1');
    emit({ type: 'lost', groups: [], reason: 'gone' });
    emit({ type: 'poison', address: 'a', reason: 'r', count: 3 });
    const text = await lines(registry);
    expect(text).toContain('tickwire_layer_up 0');
    expect(text).toContain('tickwire_layer_events_total{event="poison"} 3');
    expect(text).toContain('tickwire_layer_events_total{event="restored"} 0');
    emit({ type: 'restored', groups: [], downMs: 1 });
    expect(await lines(registry)).toContain('tickwire_layer_up 1');
    metrics.close();
    loss.close();
    expect(listeners.size).toBe(0);
  });
});
