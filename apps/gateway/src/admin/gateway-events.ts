import type { GroupLayer } from '@tickwire/channel-layer';
import type { Envelope, RecentEvents } from '@tickwire/fleet';
import type { HubCounters } from '@tickwire/hub';
import { type RefusalReason, refusalReasons } from '../metrics/gateway-metrics.js';
import type { Overload } from '../readiness/overload.js';

export interface GatewayEventsOptions {
  readonly events: Pick<RecentEvents, 'add'>;
  readonly layer: Pick<GroupLayer, 'onEvent'>;
  readonly counters: Readonly<HubCounters>;
  readonly refusals: Readonly<Record<RefusalReason, number>>;
  readonly overload: Pick<Overload, 'reason' | 'lagMs' | 'rssBytes'>;
  readonly envelope: Pick<Envelope, 'forged' | 'misreads'>;
  readonly isDraining: () => boolean;
  /** How often counters are compared with their last values. @default 1_000 */
  readonly sampleMs?: number;
}

/** Counters whose growth is reported to operators, with the text. */
const reported = {
  repaired: ['gap', 'publications missed on the way and read back from history'],
  lost: ['loss', 'publications lost: history no longer had them'],
  unrecovered: ['loss', 'clients not recovered: history no longer had what they missed'],
  failedReads: ['redis', 'reads of history failed and were retried'],
  slowSessions: ['slow', 'clients fell behind and receive only the newest'],
  slowClosed: ['slow', 'clients closed because they accepted no bytes for too long'],
  unencodable: ['poison', 'publications that cannot be encoded for clients'],
  forged: ['poison', 'messages with a position that history does not reach'],
} as const satisfies Partial<Record<keyof HubCounters, readonly [string, string]>>;

const forgedText = "messages not signed with the operators' token, or with a clock 30 s off";
const misreadText = 'messages between processes that cannot be read: of another version, or of another program';

/** Compares counters once a second, so a delivery or a refusal costs nothing more. Returns a function that stops it. */
export const watchGateway = (options: GatewayEventsOptions): (() => void) => {
  const { events, layer, counters, refusals, overload, envelope, isDraining, sampleMs = 1_000 } = options;
  let counted = { ...counters };
  let countedRefusals = { ...refusals };
  let { forged, misreads } = envelope;
  let overloadReason = overload.reason;
  let wasDraining = false;

  const stop = layer.onEvent((event) => {
    if (event.type === 'lost') events.add('redis', `connection lost: ${event.reason}`);
    if (event.type === 'restored') events.add('redis', `connection restored after ${event.downMs} ms`);
    if (event.type === 'poison') events.add('poison', `unreadable messages: ${event.reason}`, event.count);
  });

  const sample = (): void => {
    for (const [name, [kind, text]] of Object.entries(reported)) {
      const grown = counters[name as keyof typeof reported] - counted[name as keyof typeof reported];
      if (grown > 0) events.add(kind, text, grown);
    }
    counted = { ...counters };
    for (const reason of refusalReasons) {
      const grown = refusals[reason] - countedRefusals[reason];
      // The sign-ins that failed are events of their own.
      if (grown > 0 && reason !== 'admin-token') events.add('refused', `clients rejected or closed: ${reason}`, grown);
    }
    countedRefusals = { ...refusals };
    if (envelope.forged > forged) events.add('forged', forgedText, envelope.forged - forged);
    if (envelope.misreads > misreads) events.add('poison', misreadText, envelope.misreads - misreads);
    ({ forged, misreads } = envelope);
    if (overload.reason !== overloadReason) {
      overloadReason = overload.reason;
      events.add('overload', overloadReason === undefined ? 'overload ended' : describe(overload));
    }
    if (isDraining() && !wasDraining) events.add('draining', 'accepts no new clients and closes the connected ones');
    wasDraining = isDraining();
  };
  const timer = setInterval(sample, sampleMs).unref();

  return () => {
    clearInterval(timer);
    stop();
  };
};

const describe = ({ reason, lagMs, rssBytes }: GatewayEventsOptions['overload']): string =>
  reason === 'loop-lag'
    ? `event loop late by ${Math.round(lagMs)} ms`
    : `memory at ${Math.round(rssBytes / 2 ** 20)} MiB`;
