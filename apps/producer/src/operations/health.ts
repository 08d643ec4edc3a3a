import { createServer, type Server } from 'node:http';
import type { Retention } from '@tickwire/channel-layer';
import type { ExchangeFeedStatus } from '@tickwire/market';
import type { Health } from '@tickwire/protocol';
import type { Producer } from '../producer.js';
import type { PublisherCounters } from '../publish/publisher.js';
import type { ProducerMetrics } from './metrics.js';

/** A feed without events for this long is not ready to lead. */
const silentMs = 60_000;
/** A leader may fail to publish for this long: Redis restarts, or a replica is promoted. */
const stalledMs = 10_000;
/** Even in a quiet market a working feed causes a health message every five seconds. */
const unpublishedMs = 30_000;
/** Number of troubled streams that an answer names; the others are counted. */
const maxNamed = 20;

/** Serves `/healthz`, `/readyz` and `/metrics`. A text is the reason why no producer runs yet. */
export const createHealthServer = (
  current: () => Producer | string,
  metrics: Pick<ProducerMetrics, 'render'>,
): Server =>
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
        const producer = current();
        const readiness =
          typeof producer === 'string'
            ? { ready: false, reasons: [producer] }
            : readinessOf(producer, performance.now());
        answer(readiness.ready ? 200 : 503, readiness);
      } else answer(404, { error: 'not found' });
    };
    // A request that fails must neither end the process nor reveal the error.
    serve().catch(() => answer(500, { error: 'internal error' }));
  });

/** The answer of `/readyz`. */
export interface Readiness extends PublisherCounters {
  readonly ready: boolean;
  readonly reasons: readonly string[];
  /** What an operator should know of a producer that does its work. */
  readonly notes: readonly string[];
  readonly role: 'leader' | 'standby';
  readonly buffered: number;
  readonly hasEnded: boolean;
  /** Number of groups set aside, and the first of them with their reasons. */
  readonly setAside: { readonly count: number; readonly groups: Readonly<Record<string, string>> };
  /** The share of the planned history that is kept, and how often it was reduced because Redis was full. */
  readonly history: Pick<Retention, 'share' | 'reductions'>;
  /** Numbers of streams that are live, and that are not. */
  readonly streams: { readonly live: number; readonly others: number };
  /** The first streams that are not live. */
  readonly troubled: readonly Pick<Health, 'venue' | 'symbol' | 'state' | 'since' | 'ageMs' | 'reason'>[];
  readonly venues: readonly VenueReadiness[];
}

type VenueReadiness = Pick<ExchangeFeedStatus, 'venue' | 'clockOffset' | 'connected' | 'lost' | 'frames' | 'trades'> & {
  readonly connections: number;
};

type ReadinessSource = Omit<Producer, 'close' | 'feeds' | 'barLosses' | 'badPrices' | 'unrestored'>;

/**
 * Ready while any stream is live and its events are published; streams that are not live are named in any case. `nowMs`
 * is monotonic.
 */
export const readinessOf = (producer: ReadinessSource, nowMs: number): Readiness => {
  const streams = producer.streams();
  const troubled = streams.filter(({ state }) => state !== 'live');
  const setAside = [...producer.setAside()];
  const reasons = reasonsAgainst(producer, troubled, nowMs);
  return {
    ready: reasons.length === 0,
    reasons,
    notes: producer.feedDifference === undefined ? [] : [producer.feedDifference],
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
  const { heardAt, pastMs, hasEnded, isLeading, counters, streams, venues, stalled, publishedAt, cannotLead } =
    producer;
  const reasons: string[] = [];
  const [first] = troubled;
  if (pastMs() > 0) reasons.push(`the past of the feed is computed first: ${seconds(pastMs())} s of it are left`);
  if (heardAt === undefined) reasons.push('the feed has brought nothing yet');
  // The feed of an exchange distinguishes a quiet market from a dead connection itself.
  else if (!hasEnded && venues().length === 0 && nowMs - heardAt > silentMs) reasons.push('the feed is silent');
  else if (!hasEnded && first !== undefined && troubled.length === streams().length)
    reasons.push(`no stream is live: ${describe(first)}`);
  if (cannotLead !== undefined) reasons.push(cannotLead);
  if (!isLeading) return reasons;
  const silentForMs = nowMs - (publishedAt ?? nowMs);
  const [aside] = producer.setAside().values();
  if (counters().published === 0) reasons.push('nothing published yet');
  else if (stalled !== undefined && nowMs - stalled.sinceMs > stalledMs)
    reasons.push(`nothing published for ${seconds(nowMs - stalled.sinceMs)} s: ${stalled.reason}`);
  else if (aside !== undefined && silentForMs > stalledMs)
    reasons.push(`nothing published for ${seconds(silentForMs)} s: ${aside}`);
  else if (!hasEnded && heardAt !== undefined && nowMs - heardAt < silentMs && silentForMs > unpublishedMs)
    reasons.push(`the feed brings something, and nothing was published for ${seconds(silentForMs)} s`);
  return reasons;
};

const seconds = (ms: number): number => Math.round(ms / 1_000);

const describe = ({ venue, symbol, state, reason }: Health): string =>
  `${venue} ${symbol} is ${state}${reason === undefined ? '' : ` (${reason})`}`;
