// The container's HEALTHCHECK: asks the app in the same container whether it is ready. The producer listens on
// HEALTH_PORT for nothing but this, the gateway answers on the port it serves.
import { request as askPlain } from 'node:http';
import { request as askTls } from 'node:https';

const { HEALTH_PORT, PORT = '8000', TLS_CERT_FILE } = process.env;
const ask = HEALTH_PORT === undefined && TLS_CERT_FILE ? askTls : askPlain;

// The certificate is in the name of what clients ask for, not of this address.
const request = ask({
  host: '127.0.0.1',
  port: HEALTH_PORT ?? PORT,
  path: '/readyz',
  rejectUnauthorized: false,
  signal: AbortSignal.timeout(2_500),
});
request.on('response', ({ statusCode }) => process.exit(statusCode === 200 ? 0 : 1));
request.on('error', () => process.exit(1));
request.end();
