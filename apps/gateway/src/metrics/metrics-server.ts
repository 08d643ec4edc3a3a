import { createServer, type RequestListener, type Server } from 'node:http';
import { Registry } from 'prom-client';

/** Answers every request with the metrics, as text. */
export const metricsListener =
  (render: () => Promise<string>): RequestListener =>
  (_request, response) => {
    render().then(
      (text) => response.writeHead(200, { 'Content-Type': Registry.PROMETHEUS_CONTENT_TYPE }).end(text),
      () => response.writeHead(500).end(),
    );
  };

/** `/metrics` on a separate port, which clients need not reach. */
export const createMetricsServer = (render: () => Promise<string>): Server => {
  const listener = metricsListener(render);
  return createServer((request, response) => {
    if (request.url === '/metrics') listener(request, response);
    else response.writeHead(404, { 'Content-Type': 'application/json' }).end('{"error":"see /metrics"}');
  });
};
