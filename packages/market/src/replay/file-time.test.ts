import { describe, expect, test } from '@jest/globals';
import { shownText } from '../errors.js';
import { createTimeCheck, parseFileTime } from './file-time.js';

const at = Date.UTC(2025, 0, 1);

describe('a time in a file', () => {
  test.each([
    ['1735689600', at],
    ['1735689600.0', at],
    ['1735689600.', at],
    ['1735689600.123456', at + 123],
    ['1735689600.5', at + 500],
    ['1735689600123', at + 123],
    ['1735689600123.9', at + 123],
    ['1735689600123999', at + 123],
    ['1735689600123999999', at + 123],
  ])('[M131] the digits of the number %p show its unit', (text, ms) => {
    expect(parseFileTime(text)).toBe(ms);
  });

  test.each([
    ['2025-01-01', at],
    ['2025-01-01 00:00', at],
    ['2025/01/01', at],
    ['2025.01.01 00:00:00', at],
    ['2025-01-01 00:00:00', at],
    ['2025-01-01T00:00:00.123456Z', at + 123],
    ['2025-01-01 00:00:00.5 UTC', at + 500],
    ['2025-01-01T02:00:00+02:00', at],
    ['2024-12-31 19:00:00-0500', at],
    ['2025-01-01 05:30:00+05:30', at],
    ['2025-01-01T00:00:00+00', at],
    ['2025-01-01 12-AM', at],
    ['2024-12-31 12-PM', at - 12 * 3_600_000],
    ['2024-12-31 09-PM', at - 3 * 3_600_000],
    ['2025-01-01 12:00:00 AM', at],
    ['2024-12-31 12:00PM', at - 12 * 3_600_000],
    ['2024-12-31 09:00:01 PM', at - 3 * 3_600_000 + 1_000],
    ['2024-02-29', Date.UTC(2024, 1, 29)],
  ])('[M131] the date %p is UTC where it names no zone', (text, ms) => {
    const machine = process.env['TZ'];
    try {
      for (const zone of ['UTC', 'Europe/Berlin', 'America/New_York']) {
        process.env['TZ'] = zone;
        expect(parseFileTime(text)).toBe(ms);
      }
    } finally {
      if (machine === undefined) delete process.env['TZ'];
      else process.env['TZ'] = machine;
    }
  });

  test.each([
    ...['', '-1', '0', '20240131', 'null 5', '2024-02-30', '2023-02-29', '2024-13-01', '2024-00-10', '01/02/2024'],
    ...['2024-01-01 24:00', '2024-01-01 12:60', '2024-01-01 10', '2024-01-01T00:00:00+99:00', '1.7356896e9', 'now'],
    ...[
      'Jan 1 2024',
      '2024-1-1',
      '2024-01-01 13-PM',
      '2024-01-01 00-AM',
      '2024-01-01 13:00:00 PM',
      '2024-01-01 00:30 AM',
      '2024-01/01',
      '12345678901234567890',
      '0x6774',
      '１７３５６８９６００',
    ],
  ])('[M131] %p is not a time', (text) => {
    expect(parseFileTime(text)).toBeUndefined();
  });

  test('[M132] before bitcoin, or after tomorrow, is wrong', () => {
    const check = createTimeCheck(at);
    expect(check(at)).toBeUndefined();
    expect(check(Date.UTC(2009, 0, 1))).toBeUndefined();
    expect(check(at + 86_400_000)).toBeUndefined();
    expect(check(Date.UTC(2009, 0, 1) - 1)).toBe('2008-12-31T23:59:59.999Z lies before 2009');
    expect(check(at + 86_400_001)).toBe('2025-01-02T00:00:00.001Z lies after tomorrow');
  });
});

test('[M141] text of a file is shown in quotes, cut, and without control characters', () => {
  expect(shownText('\u001b]0;x\u0007a')).toBe('"\\u001b]0;x\\u0007a"');
  expect(shownText('a\u009b31mb\u202e')).toBe('"a\\u009b31mb\\u202e"');
  for (const text of ['\u0000'.repeat(80), 'x'.repeat(81), '"'.repeat(60)])
    expect(shownText(text)).toMatch(/^"[ -~]{80}…"$/);
  expect(shownText('x'.repeat(80))).toBe(`"${'x'.repeat(80)}"`);
  expect(shownText('x'.repeat(3_000_000))).toBe(`"${'x'.repeat(80)}…"`);
});
