import { createServer, type Server } from 'node:http';
import type { ProducerMetrics } from './metrics.js';
import type { Producer } from './producer.js';

/** A feed that brought nothing for this long is not ready to lead. */
const silentMs = 60_000;

/** `/healthz` and `/readyz`, what the container's health check asks, and `/metrics`. */
export const createHealthServer = (producer: Producer, metrics: Pick<ProducerMetrics, 'render'>): Server =>
  createServer((request, response) => {
    const answer = (status: number, body: unknown): void => {
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
    };
    if (request.url === '/metrics') {
      void metrics
        .render()
        .then(({ text, contentType }) => response.writeHead(200, { 'Content-Type': contentType }).end(text));
      return;
    }
    if (request.url === '/healthz') return answer(200, { status: 'ok' });
    if (request.url !== '/readyz') return answer(404, { error: 'not found', path: request.url });
    const reasons = reasonsAgainst(producer);
    return answer(reasons.length === 0 ? 200 : 503, {
      ready: reasons.length === 0,
      reasons,
      role: producer.isLeading ? 'leader' : 'standby',
      buffered: producer.buffered,
      hasEnded: producer.hasEnded,
      ...producer.counters(),
    });
  });

const reasonsAgainst = ({ heardAt, hasEnded, isLeading, counters }: Producer): string[] => {
  const reasons: string[] = [];
  if (heardAt === undefined) reasons.push('the feed has brought nothing yet');
  else if (!hasEnded && Date.now() - heardAt > silentMs) reasons.push('the feed is silent');
  if (isLeading && counters().published === 0) reasons.push('nothing published yet');
  return reasons;
};
