import { createSystemClock } from '@tickwire/protocol';
import { earliestMs } from '../absurd-times.js';

/** A number of seconds, milli-, micro- or nanoseconds since 1970, for the years 1973 to 5138. */
const epoch = /^(\d{9,19})(?:\.(\d*))?$/;
const calendar =
  /^(\d{4})([-/.])(\d\d)\2(\d\d)(?:[TD ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?: ?(Z|UTC|[+-]\d\d(?::?\d\d)?))?)?$/i;

/**
 * Parses a time in a file to whole milliseconds since 1970: a number, whose digits show its unit, or a date by ISO
 * 8601, also with a blank for the T or the D of kdb+, and with slashes or points. A date without a zone is UTC, on every machine.
 * Undefined for anything else, such as a day that does not exist, or an ambiguous order of day and month.
 */
export const parseFileTime = (text: string): number | undefined => {
  const match = epoch.exec(text);
  return match ? msOfNumber(match[1] as string, match[2] ?? '') : msOfDate(text.replace(twelveHours, inTwentyFour));
};

/** `2020-07-02 09-PM`, as in older files of CryptoDataDownload, and `2024-01-02 03:04:05 PM`. */
const twelveHours = / (0[1-9]|1[0-2])(?:-|(:[0-5]\d(?::[0-5]\d)?) ?)([AP])M$/;
const inTwentyFour = (_: string, hour: string, rest: string | undefined, half: string): string =>
  ` ${String((Number(hour) % 12) + (half === 'P' ? 12 : 0)).padStart(2, '0')}${rest ?? ':00'}`;

const msOfNumber = (whole: string, fraction: string): number => {
  if (whole.length <= 11) return Number(whole + fraction.slice(0, 3).padEnd(3, '0'));
  if (whole.length <= 14) return Number(whole);
  return Number(whole.slice(0, whole.length <= 17 ? -3 : -6));
};

const msOfDate = (text: string): number | undefined => {
  const match = calendar.exec(text);
  if (!match) return undefined;
  const [, year, , month, day, hour = '0', minute = '0', second = '0', fraction = '', zone = ''] = match;
  const [date, time] = [`${year}-${month}-${day}`, [hour, minute, second].map(Number) as [number, number, number]];
  const dayMs = Date.UTC(Number(year), Number(month) - 1, Number(day));
  // February 30 would become a day in March.
  if (!new Date(dayMs).toISOString().startsWith(date) || time[0] > 23 || time[1] > 59 || time[2] > 59) return undefined;
  const offsetMs = offsetOf(zone);
  if (offsetMs === undefined) return undefined;
  const secondMs = Number(fraction.slice(0, 3).padEnd(3, '0'));
  return dayMs + ((time[0] * 60 + time[1]) * 60 + time[2]) * 1_000 + secondMs - offsetMs;
};

/** `+02:00`, `+0200` and `+02` are two hours ahead. */
const offsetOf = (zone: string): number | undefined => {
  const match = /^([+-])(\d\d):?(\d\d)?$/.exec(zone);
  if (!match) return 0;
  const [, sign, hours, minutes = '0'] = match;
  if (Number(hours) > 14 || Number(minutes) > 59) return undefined;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
};

const dayMs = 86_400_000;

/** Returns what is wrong with the time of a trade; undefined if it is possible. */
export type TimeCheck = (ms: number) => string | undefined;

export const createTimeCheck = (nowMs = createSystemClock().wall()): TimeCheck => {
  const latestMs = nowMs + dayMs;
  return (ms) => {
    if (ms >= earliestMs && ms <= latestMs) return undefined;
    return `${new Date(ms).toISOString()} lies ${ms < earliestMs ? 'before 2009' : 'after tomorrow'}`;
  };
};
