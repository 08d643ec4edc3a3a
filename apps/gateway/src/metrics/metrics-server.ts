import { createServer, type RequestListener, type Server } from 'node:http';
import type { GatewayMetrics } from './gateway-metrics.js';

/** Answers every request with the metrics, as text. */
export const metricsListener =
  (metrics: Pick<GatewayMetrics, 'render'>): RequestListener =>
  (_request, response) => {
    metrics.render().then(
      ({ text, contentType }) => response.writeHead(200, { 'Content-Type': contentType }).end(text),
      () => response.writeHead(500).end(),
    );
  };

/** `/metrics` on a separate port, which clients need not reach. */
export const createMetricsServer = (metrics: Pick<GatewayMetrics, 'render'>): Server => {
  const render = metricsListener(metrics);
  return createServer((request, response) => {
    if (request.url === '/metrics') render(request, response);
    else response.writeHead(404, { 'Content-Type': 'application/json' }).end('{"error":"see /metrics"}');
  });
};
