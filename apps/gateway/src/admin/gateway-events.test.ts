import { describe, expect, it } from '@jest/globals';
import type { LayerEvent } from '@tickwire/channel-layer';
import { createRecentEvents } from '@tickwire/fleet';
import type { HubCounters } from '@tickwire/hub';
import { waitFor } from '../../../../tests/support/wait-for.js';
import { type RefusalReason, refusalReasons } from '../metrics/gateway-metrics.js';
import type { OverloadReason } from '../readiness/overload.js';
import { watchGateway } from './gateway-events.js';

const watched = ['repaired', 'lost', 'unrecovered', 'failedReads', 'slowSessions', 'slowClosed'] as const;

describe('events of a gateway', () => {
  it('[G88] report each change once, with its number, from existing counters', async () => {
    const events = createRecentEvents();
    const counters = Object.fromEntries(
      [...watched, 'unencodable', 'forged'].map((name) => [name, 5]),
    ) as unknown as HubCounters;
    const refusals = Object.fromEntries(refusalReasons.map((reason) => [reason, 2])) as Record<RefusalReason, number>;
    const overload: { reason: OverloadReason | undefined; lagMs: number; rssBytes: number } = {
      reason: undefined,
      lagMs: 312.4,
      rssBytes: 900 * 2 ** 20,
    };
    const envelope = { forged: 3, misreads: 1 };
    let isDraining = false;
    let emit: (event: LayerEvent) => void = () => {};
    let isStopped = false;
    const stop = watchGateway({
      events,
      counters,
      refusals,
      overload,
      envelope,
      sampleMs: 5,
      layer: {
        onEvent(listener) {
          emit = listener;
          return () => {
            isStopped = true;
          };
        },
      },
      isDraining: () => isDraining,
    });
    const until = (text: RegExp) =>
      waitFor(`an event like ${text}`, () => events.recent().find((event) => text.test(event.text)));

    expect(events.recent()).toEqual([]);
    emit({ type: 'lost', groups: [], reason: 'ECONNRESET' });
    emit({ type: 'restored', groups: [], downMs: 321 });
    emit({ type: 'dropped', channel: 'a', reason: 'full', count: 1 });
    expect(events.recent().map(({ kind, text }) => [kind, text])).toEqual([
      ['redis', 'connection lost: ECONNRESET'],
      ['redis', 'connection restored after 321 ms'],
    ]);

    counters.lost += 3;
    expect(await until(/publications lost/)).toMatchObject({ kind: 'loss', count: 3 });
    for (const name of watched) counters[name] += 1;
    await until(/closed because they accepted no bytes/);
    expect(await until(/read back from history/)).toMatchObject({ kind: 'gap', count: 1 });
    refusals['connect-rate'] += 4;
    expect(await until(/rejected or closed: connect-rate/)).toMatchObject({ kind: 'refused', count: 4 });
    refusals['connect-rate'] += 2;
    await waitFor('both in one', () => events.recent().some(({ kind, count }) => kind === 'refused' && count === 6));
    overload.reason = 'loop-lag';
    await until(/event loop late by 312 ms/);
    overload.reason = 'memory';
    await until(/memory at 900 MiB/);
    overload.reason = undefined;
    await until(/^overload ended$/);
    envelope.misreads += 1;
    expect(await until(/between processes that cannot be read/)).toMatchObject({ kind: 'poison', count: 1 });
    envelope.forged += 2;
    expect(await until(/not signed/)).toMatchObject({ kind: 'forged', count: 2 });
    isDraining = true;
    await until(/accepts no new clients/);
    expect(
      events.recent().every(({ kind, count }) => ['loss', 'refused', 'forged'].includes(kind) || count === 1),
    ).toBe(true);

    stop();
    expect(isStopped).toBe(true);
  });
});
