import type { ChaosReport } from '../chaos/report.js';
import { runReported } from './run-reported.js';

/** For the test that runs it. */
export const chaosTimeoutMs = 240_000;

/** Runs `npm run chaos` with these arguments. */
export const runChaos = (args: readonly string[]): Promise<ChaosReport> =>
  runReported('chaos.mjs', args, chaosTimeoutMs - 10_000);
