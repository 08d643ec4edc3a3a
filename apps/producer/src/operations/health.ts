import { createServer, type Server } from 'node:http';
import type { Retention } from '@tickwire/channel-layer';
import type { ExchangeFeedStatus } from '@tickwire/market';
import type { Health } from '@tickwire/protocol';
import type { Producer } from '../producer.js';
import type { PublisherCounters } from '../publish/publisher.js';
import type { ProducerMetrics } from './metrics.js';

/** A feed that brought nothing for this long is not ready to lead. */
const silentMs = 60_000;
/** A leader may fail for this long: Redis restarts, a replica takes over. */
const stalledMs = 10_000;
/** A feed that brings something, however quiet its market, has health to publish every five seconds. */
const unpublishedMs = 30_000;
/** Streams in trouble named in an answer; the others are counted. */
const maxNamed = 20;

/** `/healthz` and `/readyz`, what the container's health check asks, and `/metrics`. */
export const createHealthServer = (producer: Producer, metrics: Pick<ProducerMetrics, 'render'>): Server =>
  createServer((request, response) => {
    const answer = (status: number, body: unknown): void => {
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
    };
    const serve = async (): Promise<void> => {
      if (request.url === '/metrics') {
        const { text, contentType } = await metrics.render();
        response.writeHead(200, { 'Content-Type': contentType }).end(text);
      } else if (request.url === '/healthz') answer(200, { status: 'ok' });
      else if (request.url === '/readyz') {
        const readiness = readinessOf(producer, performance.now());
        answer(readiness.ready ? 200 : 503, readiness);
      } else answer(404, { error: 'not found' });
    };
    // A question that cannot be answered ends nothing, and says nothing of the inside.
    serve().catch(() => answer(500, { error: 'internal error' }));
  });

/** What `/readyz` answers. */
export interface Readiness extends PublisherCounters {
  readonly ready: boolean;
  readonly reasons: readonly string[];
  readonly role: 'leader' | 'standby';
  readonly buffered: number;
  readonly hasEnded: boolean;
  /** How many groups are set aside, and the first of them with the reason. */
  readonly setAside: { readonly count: number; readonly groups: Readonly<Record<string, string>> };
  /** The part of the wanted history that is kept, and how often it gave way to a full Redis. */
  readonly history: Pick<Retention, 'share' | 'reductions'>;
  /** How many are live, and how many are not. */
  readonly streams: { readonly live: number; readonly others: number };
  /** The first of those that are not. */
  readonly troubled: readonly Pick<Health, 'venue' | 'symbol' | 'state' | 'since' | 'ageMs' | 'reason'>[];
  readonly venues: readonly VenueReadiness[];
}

type VenueReadiness = Pick<ExchangeFeedStatus, 'venue' | 'clockOffset' | 'connected' | 'lost' | 'frames' | 'trades'> & {
  readonly connections: number;
};

type ReadinessSource = Omit<Producer, 'close' | 'feeds' | 'barLosses' | 'badPrices'>;

/**
 * Ready as long as any stream is live and what it brings gets out; streams that are not live are named either way.
 * `nowMs` is monotonic.
 */
export const readinessOf = (producer: ReadinessSource, nowMs: number): Readiness => {
  const streams = producer.streams();
  const troubled = streams.filter(({ state }) => state !== 'live');
  const setAside = [...producer.setAside()];
  const reasons = reasonsAgainst(producer, troubled, nowMs);
  return {
    ready: reasons.length === 0,
    reasons,
    role: producer.isLeading ? 'leader' : 'standby',
    buffered: producer.buffered,
    hasEnded: producer.hasEnded,
    setAside: {
      count: setAside.length,
      groups: Object.fromEntries(setAside.slice(0, maxNamed)),
    },
    history: { share: producer.retention.share, reductions: producer.retention.reductions },
    streams: { live: streams.length - troubled.length, others: troubled.length },
    troubled: troubled.slice(0, maxNamed).map(({ venue, symbol, state, since, ageMs, reason }) => ({
      venue,
      symbol,
      state,
      since,
      ageMs,
      ...(reason !== undefined && { reason }),
    })),
    venues: producer.venues().map(({ venue, clockOffset, connections, connected, lost, frames, trades }) => ({
      venue,
      connections: connections.length,
      connected,
      lost,
      frames,
      trades,
      ...(clockOffset && { clockOffset }),
    })),
    ...producer.counters(),
  };
};

const reasonsAgainst = (producer: ReadinessSource, troubled: readonly Health[], nowMs: number): string[] => {
  const { heardAt, hasEnded, isLeading, counters, streams, venues, stalled, publishedAt, cannotLead } = producer;
  const reasons: string[] = [];
  const [first] = troubled;
  if (heardAt === undefined) reasons.push('the feed has brought nothing yet');
  // An exchange's feed can tell a quiet market from a dead connection by itself.
  else if (!hasEnded && venues().length === 0 && nowMs - heardAt > silentMs) reasons.push('the feed is silent');
  else if (!hasEnded && first !== undefined && troubled.length === streams().length)
    reasons.push(`no stream is live: ${describe(first)}`);
  if (cannotLead !== undefined) reasons.push(cannotLead);
  if (!isLeading) return reasons;
  const silentForMs = nowMs - (publishedAt ?? nowMs);
  if (counters().published === 0) reasons.push('nothing published yet');
  else if (stalled !== undefined && nowMs - stalled.sinceMs > stalledMs)
    reasons.push(`nothing published for ${seconds(nowMs - stalled.sinceMs)} s: ${stalled.reason}`);
  else if (!hasEnded && heardAt !== undefined && nowMs - heardAt < silentMs && silentForMs > unpublishedMs)
    reasons.push(`the feed brings something, and nothing was published for ${seconds(silentForMs)} s`);
  return reasons;
};

const seconds = (ms: number): number => Math.round(ms / 1_000);

const describe = ({ venue, symbol, state, reason }: Health): string =>
  `${venue} ${symbol} is ${state}${reason === undefined ? '' : ` (${reason})`}`;
