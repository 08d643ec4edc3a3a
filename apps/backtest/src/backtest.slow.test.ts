import { existsSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { zipOf } from '@tickwire/market/testing';
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
    for (const method of ['constant width', 'plain EWMA', 'EWMA + ACI', 'GARCH-t daily', 'tickwire'])
      expect(out).toContain(method);
    expect(out).toContain('Not financial advice.');
  });

  it('[T1] reads packed files, and bars, trades and quotes alike', async () => {
    await using bench = await createWorkbench();
    const bars = await bench.run('--file', await bench.write('bars.gz', gzipSync(barCsv(closes))), '--json');
    const plain = await bench.run('--file', await bench.write('bars.csv', barCsv(closes)), '--json');
    expect(bars.out).toBe(plain.out);
    const zipped = await bench.run('--file', await bench.write('z', zipOf({ 'bars.csv': barCsv(closes) })), '--json');
    expect(zipped.out).toBe(plain.out);
    // The same prices as trades and as quotes, one a minute, are the same series.
    const run = async (name: string, text: string) =>
      (await bench.run('--file', await bench.write(name, text), '--json', '--grid', '1m')).out;
    expect(await run('t.csv', tradeCsv(closes, 60_000))).toBe(plain.out);
    const quotes = closes.map((price, i) => `${startMs + i * 60_000}000000,,${i},${price},1,${price},1`);
    const header = 'recv_ns,event_ms,update_id,bid,bid_qty,ask,ask_qty';
    expect(await run('q.csv', [header, ...quotes].join('\r\n'))).toBe(plain.out);
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
    lines[19] = `${startMs + 18_500}000000,,,18,-5,0.5,buy`;
    lines[29] = `,,,28,100,0.5,buy`;
    lines[39] = `${startMs - 10_000}000000,,,38,100,0.5,buy`;
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

  it('[T9] a plot that cannot be written ends with a sentence, and the scores are shown', async () => {
    await using bench = await createWorkbench();
    const file = await bench.write('bars.csv', barCsv(closes));
    for (const target of ['/proc/tickwire-no-such-folder/c.svg', bench.path('.')]) {
      for (const more of [[], ['--json']]) {
        const { code, out, err } = await bench.run('--file', file, '--plot', target, ...more);
        expect(code).toBe(1);
        expect(out).toMatch(/GARCH|coverage90/);
        expect(`${out}${err}`).not.toContain('calibration plot:');
        expect(err.split('\n').at(-2)).toMatch(/^--plot: .* cannot be written: E[A-Z]+: /);
      }
    }
  });

  it.each([
    [[], '--file is missing'],
    [['--file='], '--file is empty'],
    [['--file', 'x', '--grid', '1h'], '--grid must be one of 1s, 1m, got "1h"'],
    [['--file', 'x', '--horizons', '1,two'], '--horizons must be whole numbers from 1 to 10000, got "1,two"'],
    [['--file', 'x', '--horizons', ''], '--horizons must be whole numbers from 1 to 10000, got ""'],
    [['--file', 'x', '--tick=-1'], '--tick must be a number of at least 0, got "-1"'],
    [['--file', 'x', '--max-silence', '1 week'], '--max-silence must be a time of at least 1s, such as 90s'],
    [['--file', 'x', '--max-silence', '0'], '--max-silence must be a time of at least 1s, such as 90s'],
    [['--file', 'x', '--nonsense'], "Unknown option '--nonsense'"],
  ])('[T10] rejects the arguments %j', async (args, message) => {
    await using bench = await createWorkbench();
    const { code, out, err } = await bench.run(...args);
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toContain(message);
    expect(err).toContain('npm run backtest -- --file');
  });

  it('[T10] says which file cannot be read, and why', async () => {
    await using bench = await createWorkbench();
    const cases: [string, string | Uint8Array | undefined, string][] = [
      ['missing.csv', undefined, 'cannot be read: ENOENT'],
      ['empty.csv', '', 'is empty'],
      ['header.csv', 'open_ms,open,high,low,close,volume\n', 'no usable row'],
      ['other.csv', 'a,b\n1,2\n', 'has the columns "a, b"; needed are a time (open_time, timestamp'],
      ['broken.zip', zipOf({ 'a.csv': barCsv(closes) }).subarray(0, 1000), 'cannot be read: '],
    ];
    for (const [name, content, message] of cases) {
      if (content !== undefined) await bench.write(name, content);
      const { code, err } = await bench.run('--file', bench.path(name));
      expect({ name, code }).toEqual({ name, code: 1 });
      expect(err).toContain(message);
    }
  });

  it('[T44] a file whose end is missing is read as far as it goes', async () => {
    await using bench = await createWorkbench();
    const packed = gzipSync(barCsv(closes));
    const { code, err } = await bench.run(
      '--file',
      await bench.write('x.csv.gz', packed.subarray(0, packed.length / 2)),
    );
    expect(code).toBe(0);
    expect(err).toContain('x.csv.gz ends too early, read as far as it goes\n');
  });

  it('[T42] of a silence longer than --max-silence nothing is carried forward, an hour by itself', async () => {
    await using bench = await createWorkbench();
    const rows = barCsv(closes).split('\n');
    const file = await bench.write('pauses.csv', [...rows.slice(0, 700), ...rows.slice(762)].join('\n'));
    expect((await bench.run('--file', file)).out).toContain('1 outages');
    expect((await bench.run('--file', file, '--max-silence', '2h')).out).toContain('(62 carried forward), 0 outages');
    expect((await bench.run('--file', file, '--max-silence', '3721')).out).toContain('0 outages');
  });

  it('[T41] a run without a single score ends with exit code 1, and says why', async () => {
    await using bench = await createWorkbench();
    const day = closes.map((close, i) => `${startMs + i * 86_400_000},${close}`).filter((_, i) => i < 700);
    const tooShort = closes.slice(0, 50).map((close, i) => `${startMs + i * 60_000},${close}`);
    const shuffled = closes.map((close, i) => `${startMs + (i < 3 ? i : (i * 7919) % 1500) * 60_000},${close}`);
    for (const [rows, why] of [
      [day, 'the rows are further apart than --max-silence'],
      [tooShort, '50 steps of 60 s are too few'],
      [[...shuffled.slice(0, 2), ...shuffled.slice(2).reverse()], 'most rows go back in time'],
      // Whether the comma stands before a fraction or between thousands, nobody can say.
      [
        closes.map((_, i) => `${startMs + i * 60_000};42${i % 4 === 0 ? '' : `,${100 + (i % 900)}`}`),
        'most rows are bad',
      ],
    ] as const) {
      const { code, out, err } = await bench.run(
        '--file',
        await bench.write('x.csv', `time${rows[0]?.[13]}close\n${rows.join('\n')}`),
      );
      expect({ code, out }).toEqual({ code: 1, out: '' });
      expect(err).toContain(`no score: `);
      expect(err).toContain(why);
    }
  });

  it('[T80] a file of several without a usable row means no score, and is named', async () => {
    await using bench = await createWorkbench();
    const good = await bench.write('good.csv', barCsv(closes));
    const bad = await bench.write('bad.csv', `time,close\n${startMs + 1e9},0\n${startMs + 1e9 + 60_000},0\n`);
    const empty = await bench.write('other.csv', `time,symbol,price\n${startMs + 2e9},ETH-USD,1\n`);
    const { code, out, err } = await bench.run('--file', good, '--file', bad);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain('no score: nothing in bad.csv can be used');
    expect((await bench.run('--file', good, '--file', empty, '--symbol', 'BTC-USD', '--json')).code).toBe(0);
  });

  it('[T43] a hint names only grids that there are', async () => {
    await using bench = await createWorkbench();
    const hours = closes.map((close, i) => `${startMs + i * 3_600_000},${close}`);
    const file = await bench.write('hours.csv', `time,close\n${hours.slice(0, 60).join('\n')}`);
    const { out } = await bench.run('--file', file);
    expect(out).toContain('the rows are far apart, and 1m is the coarsest grid there is');
    const seconds = await bench.run(
      '--file',
      await bench.write('bars.csv', barCsv(closes.slice(0, 60))),
      '--grid',
      '1s',
    );
    expect(seconds.out).toContain('try --grid 1m');
  });

  it('[T10] what a file says cannot command the terminal', async () => {
    await using bench = await createWorkbench();
    const header = await bench.run('--file', await bench.write('h.csv', '\u001b]0;x\u0007a,price\n1,2\n'));
    const rows = await bench.run('--file', await bench.write('r.csv', 'time,price\n\u001b[2J,1\n'));
    for (const { err } of [header, rows]) {
      expect(err).toContain('\\u001b');
      expect(err).not.toContain('\u001b');
    }
  });

  it('prints its usage', async () => {
    await using bench = await createWorkbench();
    const { code, out } = await bench.run('--help');
    expect(code).toBe(0);
    expect(out).toContain('--horizons <list>');
  });
});
