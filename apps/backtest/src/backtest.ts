import { writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { makeFolder, messageOf } from '@tickwire/market';
import { createGrid, type Grid } from './grid.js';
import type { Observation } from './input/observation.js';
import { createObservationReader, type InputCounts } from './input/observations.js';
import { BacktestError, type BacktestOptions, parseOptions, usage } from './options.js';
import { renderCalibrationPlot } from './output/calibration-plot.js';
import { jsonRow } from './output/json-rows.js';
import { createProgress, type ProgressSink } from './output/progress.js';
import { renderTable } from './output/table.js';
import { createWalk, type GridUnit, gridUnits, type Walk } from './walk.js';

export interface Terminal {
  /** Receives only the table or the JSON. */
  readonly out: { write(text: string): void };
  /** Receives progress, bad rows and errors. */
  readonly err: ProgressSink;
}

/** Number of bad rows that are shown; the others are only counted. */
const maxNamedBadRows = 20;

/** Runs the command; resolves with the exit code. Never throws for an error that the user can fix. */
export const runBacktest = async (args: readonly string[], terminal: Terminal): Promise<0 | 1 | 2> => {
  try {
    const options = parseOptions(args);
    if (options.help) terminal.out.write(usage);
    else await backtest(options, terminal);
    return 0;
  } catch (error) {
    if (!(error instanceof BacktestError)) throw error;
    terminal.err.write(`${error.message}\n`);
    if (error.code === 'usage') terminal.err.write(`\n${usage}`);
    return error.code === 'usage' ? 2 : 1;
  }
};

interface Run {
  readonly grid: GridUnit;
  readonly walk: Walk;
  readonly steps: Grid;
}

const backtest = async (options: BacktestOptions, { out, err }: Terminal): Promise<void> => {
  let namedBadRows = 0;
  const progress = createProgress(err);
  const reader = createObservationReader({
    files: options.files,
    ...(options.symbol === undefined ? {} : { symbol: options.symbol }),
    onBadRow: (file, line, reason) => {
      if (++namedBadRows > maxNamedBadRows) return;
      progress.end();
      err.write(`${basename(file)} line ${line}: ${reason}\n`);
    },
  });
  let run: Run | undefined;
  let taken = 0;
  for await (const observation of reader.observations()) {
    run ??= begin(options, observation);
    for (const step of run.steps.push(observation)) {
      taken++;
      run.walk.take(step);
    }
    progress.report(reader.progress(), taken);
  }
  progress.end();
  const counts = reader.counts();
  for (const file of reader.cutFiles()) err.write(`${basename(file)} ends too early, read as far as it goes\n`);
  if (counts.bad > maxNamedBadRows) err.write(`and ${number(counts.bad - maxNamedBadRows)} bad rows more\n`);
  if (run === undefined) throw new BacktestError('input', noRow(counts, options.symbol, reader.symbols()));
  for (const step of run.steps.end()) run.walk.take(step);

  const title = options.files.map((file) => basename(file)).join(', ');
  const results = run.walk.results();
  const summary = describe(title, counts, run);
  const [badFile] = reader.badFiles();
  // Its time is missing from the series, and nothing in the scores would show it.
  if (badFile !== undefined)
    throw new BacktestError('input', `${summary}\nno score: nothing in ${basename(badFile)} can be used`);
  if (counts.bad > counts.good) throw new BacktestError('input', `${summary}\n${mostlyBad(counts)}`);
  if (results.every(({ ours }) => ours.n === 0)) throw new BacktestError('input', `${summary}\n${noScore(run)}`);
  const noPlot = await writePlot(options.plotPath, renderCalibrationPlot(title, results, run.grid));
  const plot = noPlot === undefined ? `\ncalibration plot: ${options.plotPath}` : '';
  if (options.json) {
    err.write(`${summary}${plot}\n`);
    out.write(`${JSON.stringify(results.map(jsonRow))}\n`);
  } else {
    out.write(`${summary}\n\n${renderTable(results, run.grid)}\n${plot}\n`);
    out.write(
      'score: mean interval score of the 90 % interval in basis points, lower is better. Not financial advice.\n',
    );
  }
  if (noPlot !== undefined) throw noPlot;
};

/** Returns the error, so that the scores of a long run are shown all the same. */
const writePlot = async (path: string, svg: string): Promise<BacktestError | undefined> => {
  try {
    await makeFolder(dirname(path));
    await writeFile(path, svg);
    return undefined;
  } catch (cause) {
    return new BacktestError('input', `--plot: ${path} cannot be written: ${messageOf(cause)}`, { cause });
  }
};

const begin = (options: BacktestOptions, first: Observation): Run => {
  const grid = gridUnits[options.grid ?? (first.kind === 'bar' ? '1m' : '1s')];
  const { tickSize, maxSilenceMs } = options;
  return {
    grid,
    walk: createWalk({ grid, horizons: options.horizons ?? grid.defaultHorizons, tickSize }),
    steps: createGrid({ gridMs: grid.gridMs, maxSilentSteps: Math.floor(maxSilenceMs / grid.gridMs) }),
  };
};

const number = (count: number): string => count.toLocaleString('en');

const describe = (title: string, counts: InputCounts, { grid, walk }: Run): string => {
  const { steps, carried, outages, badPrices } = walk.counts();
  return [
    `${title}: ${number(counts.good)} rows used, ${number(counts.skipped)} skipped, ${number(counts.bad)} bad`,
    `${number(steps)} steps of ${grid.seconds} s (${number(carried)} carried forward), ${number(outages)} outages, ${number(badPrices)} bad prints`,
    ...(carried > 0.9 * steps ? [`nearly every step repeats the price before it: ${coarser(grid)}`] : []),
  ].join('\n');
};

const coarser = ({ name }: GridUnit): string =>
  name === '1s' ? 'try --grid 1m' : 'the rows are far apart, and 1m is the coarsest grid there is';

const noRow = ({ lines, bad, skipped }: InputCounts, symbol: string | undefined, found: readonly string[]): string => {
  const holds = found.length === 0 ? '' : `; symbols in it: ${found.slice(0, 20).join(', ')}`;
  const asked = symbol === undefined ? '' : ` of ${symbol}`;
  return `no usable row${asked} in ${number(lines)} lines (${number(bad)} bad, ${number(skipped)} skipped)${holds}`;
};

/** Scores of the few good rows would say nothing about the file. */
const mostlyBad = ({ bad, goingBack }: InputCounts): string =>
  goingBack > 0.5 * bad
    ? 'no score: most rows go back in time, so the file is not in the order of time'
    : 'no score: most rows are bad';

/** Why a run over usable rows ends without a score. */
const noScore = ({ grid, walk }: Run): string => {
  const { steps, outages } = walk.counts();
  const unit = `${number(steps)} steps of ${grid.seconds} s`;
  if (outages > 0.5 * steps)
    return `no score: the rows are further apart than --max-silence, so nearly every one ends an outage (${unit})`;
  return `no score: ${unit} are too few, since the first hundred outcomes of each horizon only teach`;
};
