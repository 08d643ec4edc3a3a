import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '@tickwire/market';

/** An error that the user can fix: an argument, a file. Only its message is shown. */
export class BacktestError extends Error {
  override readonly name = 'BacktestError';
  readonly code: 'usage' | 'input';

  constructor(code: 'usage' | 'input', message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

const gridNames = ['1s', '1m'] as const;
export type GridName = (typeof gridNames)[number];

export interface BacktestOptions {
  /** Read one after the other, as one recording. */
  readonly files: readonly string[];
  /** @default minutes if the first file has bars, else seconds */
  readonly grid: GridName | undefined;
  /** In units of the grid: seconds or minutes. @default those of the grid */
  readonly horizons: readonly number[] | undefined;
  readonly symbol: string | undefined;
  readonly tickSize: number;
  /** A longer silence is an outage; a shorter one carries the last price forward. */
  readonly maxSilenceMs: number;
  readonly json: boolean;
  readonly plotPath: string;
  readonly help: boolean;
}

export const usage = `npm run backtest -- --file <file> [--file <next>] [options]

Walks a recording forward, strictly causally, and scores the forecasts against a constant band.

  --file <path>       a recording of ours, or trades, quotes (best bid and ask) or bars as CSV, with a header or as the
                      exchanges publish them; plain, .gz or .zip. Several are read in the order given.
  --grid 1s|1m        step of the grid                        [1m for bars, 1s for everything else]
  --horizons <list>   seconds on the 1s grid, minutes on 1m   [1,10,60,300 on 1s; 1,5,15 on 1m]
  --symbol <name>     BTC-USDT, or as the file spells it      [the first one met]
  --tick <size>       smallest price move, the floor of sigma [0]
  --max-silence <t>   as 90s, 15m, 1h or 2d: a longer silence is an outage, in a shorter one the last price holds  [1h]
  --plot <path>       where the calibration plot goes         [artefacts/backtest-<file>.svg]
  --json              one JSON array of rows on standard output instead of the table
  --help

Not financial advice.
`;

/** @throws BacktestError naming the argument, its value and what was expected. */
export const parseOptions = (args: readonly string[]): BacktestOptions => {
  const { values } = parse(args);
  const files = values.file ?? [];
  const help = values.help ?? false;
  if (files.includes('')) throw new BacktestError('usage', '--file is empty');
  if (files.length === 0 && !help) throw new BacktestError('usage', '--file is missing');
  const grid = values.grid;
  if (grid !== undefined && !isGridName(grid)) {
    throw new BacktestError('usage', `--grid must be one of ${gridNames.join(', ')}, got "${grid}"`);
  }
  return {
    files,
    grid,
    horizons: values.horizons === undefined ? undefined : readHorizons(values.horizons),
    symbol: values.symbol,
    tickSize: readNumber('--tick', values.tick ?? '0', 0),
    maxSilenceMs: readDuration('--max-silence', values['max-silence'] ?? '1h'),
    json: values.json ?? false,
    plotPath: values.plot ?? join('artefacts', `backtest-${plainName(files[0] ?? '')}.svg`),
    help,
  };
};

const parse = (args: readonly string[]) => {
  try {
    return parseArgs({
      args: [...args],
      options: {
        file: { type: 'string', multiple: true },
        grid: { type: 'string' },
        horizons: { type: 'string' },
        symbol: { type: 'string' },
        tick: { type: 'string' },
        'max-silence': { type: 'string' },
        plot: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new BacktestError('usage', messageOf(error), { cause: error });
  }
};

const isGridName = (name: string): name is GridName => (gridNames as readonly string[]).includes(name);

const readNumber = (name: string, text: string, least: number): number => {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < least) {
    throw new BacktestError('usage', `${name} must be a number of at least ${least}, got "${text}"`);
  }
  return value;
};

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Parses `90s` or `1.5h` to milliseconds; a number alone is seconds. */
const readDuration = (name: string, text: string): number => {
  const [, digits = '', unit = 's'] = /^(\d+(?:\.\d+)?) ?(s|m|h|d)?$/.exec(text.trim()) ?? [];
  const ms = Number(digits) * (unitMs[unit] ?? 0);
  if (!(ms >= 1_000 && ms <= 1e12))
    throw new BacktestError(
      'usage',
      `${name} must be a time of at least 1s, such as 90s, 15m, 1h or 2d, got "${text}"`,
    );
  return ms;
};

const maxHorizon = 10_000;

const readHorizons = (text: string): number[] => {
  const horizons = text.split(',').map((part) => Number(part.trim() === '' ? Number.NaN : part));
  for (const horizon of horizons) {
    if (!Number.isSafeInteger(horizon) || horizon < 1 || horizon > maxHorizon) {
      throw new BacktestError('usage', `--horizons must be whole numbers from 1 to ${maxHorizon}, got "${text}"`);
    }
  }
  return [...new Set(horizons)].sort((a, b) => a - b);
};

const plainName = (file: string): string => basename(file).replace(/(\.csv|\.ws|\.txt)?(\.gz|\.zip)?$/, '');
