import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type BenchLog, createBench, type Scenario } from './bench.js';
import { leaveServerCore, planCores } from './host/core-plan.js';
import { hostFacts } from './host/host-facts.js';
import { inRoot } from './host/paths.js';
import { type BenchOptions, parseOptions, requireWritable, UsageError, usage } from './options.js';
import { createChildren } from './process/children.js';
import { startRedisServer } from './process/redis-server.js';
import { type Report, textReport } from './report/report.js';
import { writeSummary } from './report/write-summary.js';
import { allScenarios } from './scenarios/all.js';
import { wallOffsetMs } from './wire/clock.js';

const chosen = ({ scenarios, isQuick }: BenchOptions): readonly Scenario[] => {
  const unknown = scenarios?.find((name) => allScenarios.every((scenario) => scenario.name !== name));
  if (unknown !== undefined) throw new UsageError(`no scenario ${unknown}`);
  return allScenarios.filter(({ name, isLong = false }) => scenarios?.includes(name) ?? !(isQuick && isLong));
};

const runAll = async (options: BenchOptions, scenarios: readonly Scenario[], command: string): Promise<Report> => {
  const startedAt = performance.now();
  const elapsed = (): string => `${((performance.now() - startedAt) / 1_000).toFixed(0).padStart(5)} s`;
  const cores = planCores();
  leaveServerCore(cores);
  const children = createChildren();
  const log: BenchLog = { runs: [], omissions: [], setUps: new Map() };
  const redis = await startRedisServer(children, cores.isPinned ? cores.backstage : undefined);
  try {
    const backstage = { children, redis, cores, clockOffsetMs: wallOffsetMs() };
    const endsAt = startedAt + options.limitSeconds * 1_000;
    const context = { options, backstage, log, endsAt, say: (line: string) => console.error(`${elapsed()} ${line}`) };
    for (const scenario of scenarios) {
      console.error(`${elapsed()} ${scenario.title}`);
      await scenario.run(createBench(scenario.name, context));
    }
  } finally {
    await redis.close();
  }
  return {
    host: hostFacts(cores, redis.version),
    command,
    rounds: options.rounds,
    windowSeconds: options.seconds,
    scenarios: scenarios.map(({ name, title }) => ({ name, title })),
    setUps: Object.fromEntries(log.setUps),
    targets: scenarios.flatMap((scenario) =>
      scenario.targets(log.runs.filter((run) => run.scenario === scenario.name)),
    ),
    runs: log.runs,
    omissions: log.omissions,
  };
};

const main = async (args: readonly string[]): Promise<void> => {
  if (args.includes('--help')) {
    console.log(usage);
    return;
  }
  const options = parseOptions(args);
  if (options.output !== undefined) await requireWritable('--output', options.output);
  const command = ['npm run bench', ...(args.length > 0 ? ['--', ...args] : [])].join(' ');
  const report = await runAll(options, chosen(options), command);
  console.log(textReport(report));
  const file = options.output ?? inRoot(`bench/results/${report.host.at.replaceAll(':', '-')}.local.json`);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(report, null, 2)}\n`);
  console.log(`\nwritten: ${file}`);
  if (options.writesSummary) await writeSummary(report);
};

try {
  await main(process.argv.slice(2));
  process.exit(0);
} catch (error) {
  console.error(error instanceof UsageError ? `${error.message}\n\n${usage}` : error);
  process.exit(error instanceof UsageError ? 2 : 1);
}
