import type { ChaosReport } from '../chaos/report.js';
import { runReported } from './run-reported.js';

/** Runs `npm run chaos` with these arguments. */
export const runChaos = (args: readonly string[]): Promise<ChaosReport> => runReported('chaos.mjs', args, 230_000);
