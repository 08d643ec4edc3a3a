import { existsSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import type { JsonRow } from './output/json-rows.js';
import { barCsv, prices, startMs, tradeCsv } from './testing/files.js';
import { createWorkbench } from './testing/terminal.js';

const closes = prices(1500, 1);

describe('backtest', () => {
  it('[T8] prints one JSON array of rows, and nothing else, on standard output', async () => {
    await using bench = await createWorkbench();
    const file = await bench.write('bars.csv', barCsv(closes));
    const { code, out, err } = await bench.run('--file', file, '--json', '--horizons', '5,1');
    expect(code).toBe(0);
    const rows = JSON.parse(out) as Record<string, number>[];
    expect(rows.map((row) => Object.keys(row))).toEqual(
      new Array(2).fill(
        'horizon n coverage50 coverage80 coverage90 coverage95 intervalScore baselineScore gain dm'.split(' '),
      ),
    );
    expect(rows.map(({ horizon, n }) => [horizon, n])).toEqual([
      [1, 1399],
      [5, 1395],
    ]);
    const [first] = rows;
    // Sigma of 3 bp: the best 90 % interval of a Gaussian scores 2 * 2.063 sigma.
    expect(first?.['intervalScore']).toBeGreaterThan(11);
    expect(first?.['intervalScore']).toBeLessThan(14);
    expect(first?.['gain']).toBeCloseTo(
      100 * (1 - (first?.['intervalScore'] as number) / (first?.['baselineScore'] as number)),
      6,
    );
    expect(Math.abs((first?.['coverage90'] as number) - 0.9)).toBeLessThan(0.03);
    expect(err).toContain('bars.csv: 1,500 rows used, 0 skipped, 0 bad');
  });

  it('prints a table with every baseline, and says what it is not', async () => {
    await using bench = await createWorkbench();
    const { out } = await bench.run('--file', await bench.write('bars.csv', barCsv(closes)));
    for (const horizon of ['1 min', '5 min', '15 min']) expect(out).toContain(`${horizon}  `);
    for (const method of ['constant width', 'plain EWMA', 'EWMA + ACI', 'tickwire']) expect(out).toContain(method);
    expect(out).toContain('Not financial advice.');
  });

  it('[T1] reads packed files, and bars, trades and quotes alike', async () => {
    await using bench = await createWorkbench();
    const bars = await bench.run('--file', await bench.write('bars.gz', gzipSync(barCsv(closes))), '--json');
    const plain = await bench.run('--file', await bench.write('bars.csv', barCsv(closes)), '--json');
    expect(bars.out).toBe(plain.out);
    // The same prices as trades, on the grid of seconds with the same horizons, are the same series; the forecasts of
    // seconds are made another way, so what is compared is the constant band's.
    const trades = await bench.run(
      '--file',
      await bench.write('t.csv', tradeCsv(closes)),
      '--json',
      '--horizons',
      '5,15',
    );
    const rows = (text: string): number[][] =>
      (JSON.parse(text) as JsonRow[]).map(({ horizon, n, baselineScore }) => [horizon, n, baselineScore ?? 0]);
    expect(rows(trades.out)).toEqual(rows(bars.out).slice(1));
    const quotes = ['recv_ns,event_ms,update_id,bid,bid_qty,ask,ask_qty'];
    for (const [i, price] of closes.entries()) quotes.push(`${startMs + i * 1000}000000,,${i},${price},1,${price},1`);
    const quoted = await bench.run(
      '--file',
      await bench.write('q.csv', quotes.join('\r\n')),
      '--json',
      '--horizons',
      '5,15',
    );
    expect(quoted.out).toBe(trades.out);
  });

  it('[T1] reads several files as one', async () => {
    await using bench = await createWorkbench();
    const lines = barCsv(closes).split('\n');
    const [header = ''] = lines;
    const first = await bench.write('1.csv', lines.slice(0, 700).join('\n'));
    const second = await bench.write('2.csv', [header, ...lines.slice(700)].join('\n'));
    const both = await bench.run('--file', first, '--file', second, '--json');
    const whole = await bench.run('--file', await bench.write('whole.csv', lines.join('\n')), '--json');
    expect(both.out).toBe(whole.out);
  });

  it('[T2] names bad rows by line, counts them, and goes on', async () => {
    await using bench = await createWorkbench();
    const lines = tradeCsv(closes).split('\n');
    lines[9] = 'not,a,row';
    lines[19] = `${startMs + 18_500}000000,1,1,18,-5,0.5,buy`;
    lines[29] = `,1,1,28,100,0.5,buy`;
    lines[39] = `${startMs - 10_000}000000,1,1,38,100,0.5,buy`;
    const { code, out, err } = await bench.run('--file', await bench.write('t.csv', lines.join('\n')));
    expect(code).toBe(0);
    expect(err).toContain('t.csv line 10: expected 7 columns, got 3\n');
    expect(err).toContain('t.csv line 20: the price must be a number above zero, got "-5"\n');
    expect(err).toContain('t.csv line 30: recv_ns must be a time, got ""\n');
    expect(err).toContain('t.csv line 40: goes back in time\n');
    expect(out).toContain('1,496 rows used, 0 skipped, 4 bad');
  });

  it('[T2] names twenty bad rows and counts the rest', async () => {
    await using bench = await createWorkbench();
    const file = await bench.write(
      't.csv',
      tradeCsv(closes)
        .replaceAll('buy', 'buy')
        .replace(/,0\.5,buy/g, (match, at: number) => (at % 30 === 0 ? '' : match)),
    );
    const { err } = await bench.run('--file', file);
    const named = err.match(/line \d+: expected 7 columns/g) ?? [];
    expect(named).toHaveLength(20);
    expect(err).toMatch(/and \d+ bad rows more/);
  });

  it('[T9] writes the plot, and makes its directory', async () => {
    await using bench = await createWorkbench();
    const target = bench.path('a/b/c.svg');
    await bench.run('--file', await bench.write('bars & more.csv', barCsv(closes)), '--plot', target);
    expect(existsSync(target)).toBe(true);
    const svg = readFileSync(target, 'utf8');
    expect(svg).toMatch(/^<svg xmlns/);
    expect(svg.trim()).toMatch(/<\/svg>$/);
    expect(svg).toContain('bars &amp; more.csv');
    expect(svg).not.toContain('NaN');
    expect(svg.match(/stroke-width="2"/g)).toHaveLength(3);
  });

  it.each([
    [[], '--file is missing'],
    [['--file', 'x', '--grid', '1h'], '--grid must be one of 1s, 1m, got "1h"'],
    [['--file', 'x', '--horizons', '1,two'], '--horizons must be whole numbers from 1 to 10000, got "1,two"'],
    [['--file', 'x', '--horizons', ''], '--horizons must be whole numbers from 1 to 10000, got ""'],
    [['--file', 'x', '--tick=-1'], '--tick must be a number of at least 0, got "-1"'],
    [['--file', 'x', '--nonsense'], "Unknown option '--nonsense'"],
  ])('[T10] refuses the arguments %j', async (args, message) => {
    await using bench = await createWorkbench();
    const { code, out, err } = await bench.run(...args);
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toContain(message);
    expect(err).toContain('npm run backtest -- --file');
  });

  it('[T10] says which file cannot be read, and why', async () => {
    await using bench = await createWorkbench();
    const packed = gzipSync(barCsv(closes));
    const cases: [string, string | Uint8Array | undefined, string][] = [
      ['missing.csv', undefined, 'cannot be read: ENOENT'],
      ['empty.csv', '', 'is empty'],
      ['header.csv', 'open_ms,open,high,low,close,volume\n', 'no usable row'],
      ['other.csv', 'a,b\n1,2\n', 'the header "a,b" is of no known kind'],
      ['broken.gz', packed.subarray(0, packed.length >> 1), 'cannot be read: unexpected end of file'],
    ];
    for (const [name, content, message] of cases) {
      if (content !== undefined) await bench.write(name, content);
      const { code, err } = await bench.run('--file', bench.path(name));
      expect({ name, code }).toEqual({ name, code: 1 });
      expect(err).toContain(message);
    }
  });

  it('prints its usage', async () => {
    await using bench = await createWorkbench();
    const { code, out } = await bench.run('--help');
    expect(code).toBe(0);
    expect(out).toContain('--horizons <list>');
  });
});
