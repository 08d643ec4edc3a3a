import { writeFileSync } from 'node:fs';
import { requireWritable, UsageError } from '../options.js';
import { parseSoakOptions, usage } from './options.js';
import { printSoakReport } from './report.js';
import { runSoak } from './run-soak.js';

const main = async (args: readonly string[]): Promise<number> => {
  if (args.includes('--help')) {
    console.log(usage);
    return 0;
  }
  const options = parseSoakOptions(args);
  if (options.json !== undefined) await requireWritable('--json', options.json);
  const report = await runSoak(options, (line) => console.error(line));
  // First what a disk that is full by now would keep from being seen.
  console.log(printSoakReport(report));
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
  return report.failures.length === 0 ? 0 : 1;
};

try {
  process.exit(await main(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof UsageError ? `${error.message}\n\n${usage}` : error);
  process.exit(error instanceof UsageError ? 2 : 1);
}
