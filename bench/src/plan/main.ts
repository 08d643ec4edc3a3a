import { UsageError } from '../options.js';
import { parsePlanOptions, usage } from './options.js';
import { planFor } from './plan.js';
import { planText } from './text.js';

/** `npm run plan`: what a number of clients takes. */
const main = (args: readonly string[]): void => {
  if (args.includes('--help')) {
    console.log(usage);
    return;
  }
  const request = parsePlanOptions(args);
  console.log(planText(request, planFor(request)));
};

try {
  main(process.argv.slice(2));
} catch (error) {
  const isUsage = error instanceof UsageError || error instanceof RangeError;
  console.error(isUsage ? `${error.message}\n\n${usage}` : error);
  process.exitCode = isUsage ? 2 : 1;
}
