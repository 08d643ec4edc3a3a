// The container's HEALTHCHECK: asks the app in the same container whether it is ready. The producer listens on
// HEALTH_PORT for nothing but this, the gateway answers on the port it serves.
const port = process.env.HEALTH_PORT ?? process.env.PORT ?? '8000';

try {
  const { ok } = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(2_500) });
  process.exitCode = ok ? 0 : 1;
} catch {
  process.exitCode = 1;
}
