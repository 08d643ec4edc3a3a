import { describe, expect, it } from '@jest/globals';
import { createClockText } from './clock-text.js';

const afternoon = Date.UTC(2026, 10, 27, 18, 3, 27);
const plain = (text: string): string => text.replace(/[\u202f\u00a0]/g, ' ');

describe('times', () => {
  it('[D79] are in the locale and zone of the viewer', () => {
    const american = createClockText(['en-US'], 'America/New_York');
    expect(plain(american.second(afternoon))).toBe('01:03:27 PM');
    expect(plain(american.candle(afternoon, 60_000))).toBe('01:03 PM');
    expect(plain(american.candle(afternoon, 3_600_000))).toBe('Nov 27, 01:03 PM');
    expect(american.zone).toBe('America/New_York');
    const british = createClockText(['en-GB'], 'Europe/London');
    expect(british.candle(afternoon, 1_000)).toBe('18:03:27');
  });

  it('[D79] of candles of a day are the day of UTC, which they are', () => {
    const midnight = Date.UTC(2026, 10, 27);
    expect(createClockText(['en-GB'], 'America/New_York').candle(midnight, 86_400_000)).toBe('27 Nov 2026 UTC');
  });

  it.each([
    ['UTC', 0],
    ['America/New_York', -5],
    ['Asia/Kolkata', 5.5],
    ['Pacific/Kiritimati', 14],
  ])('[D79] of %s are %d hours from UTC on the axis', (zone, hours) => {
    expect(createClockText(['en'], zone).shiftMs(afternoon + 123)).toBe(hours * 3_600_000);
  });
});
