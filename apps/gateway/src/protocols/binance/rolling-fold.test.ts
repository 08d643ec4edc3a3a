import { describe, expect, it } from '@jest/globals';
import type { BarPart } from '@tickwire/protocol';
import { createBarWindow } from './bar-window.js';
import { createRollingFold } from './rolling-fold.js';

const minute = 60_000;
const bar = (at: number, close: string, more: Partial<BarPart> = {}): BarPart => ({
  start: at * minute,
  end: (at + 1) * minute,
  ts: at * minute,
  rts: at * minute,
  open: close,
  high: close,
  low: close,
  close,
  volume: '0.1',
  quoteVolume: '1',
  trades: 1,
  closed: true,
  ...more,
});

describe('klines that grow', () => {
  it('[G160] the newest bar may arrive repeatedly, an older one changes nothing', () => {
    const fold = createRollingFold({ period: '3m', offsetMs: 0 });
    expect(fold.add(bar(3, '1', { closed: false }))).toMatchObject({ volume: '0.1', closed: false, endMs: 6 * minute });
    expect(fold.add(bar(3, '2', { volume: '0.5', closed: false }))).toMatchObject({ open: '2', volume: '0.5' });
    // What closed it is lost.
    expect(fold.add(bar(4, '3'))).toMatchObject({ start: 3 * minute, open: '2', close: '3', volume: '0.6', trades: 2 });
    expect(fold.add(bar(3, '9'))).toBeUndefined();
    expect(fold.add(bar(5, '1', { closed: false }))).toMatchObject({ low: '1', closed: false });
    expect(fold.add(bar(5, '1'))).toMatchObject({ volume: '0.7', closed: true });
    expect(fold.add(bar(8, '4'))).toMatchObject({ start: 6 * minute, open: '4', volume: '0.1', closed: true });
  });

  it('[G160] a period without its beginning starts where it is known', () => {
    const fold = createRollingFold({ period: '1h', offsetMs: 0 });
    expect(fold.add(bar(70, '5'))).toMatchObject({ start: 60 * minute, endMs: 120 * minute, incomplete: true });
  });
});

describe('the newest minutes', () => {
  it('[G161] hold so many, each in its last state, the last in parts or whole', () => {
    const window = createBarWindow(3);
    expect(window.folded()).toBeUndefined();
    for (const at of [1, 2, 3, 4]) window.add(bar(at, String(at)));
    window.add(bar(0, '100'));
    expect(window.folded()).toMatchObject({ start: 2 * minute, open: '2', close: '4', volume: '0.3' });
    window.add(bar(4, '7', { volume: '1' }));
    expect(window.folded()).toMatchObject({ close: '7', volume: '1.2' });
    for (const second of [0, 1]) {
      const start = 5 * minute + second * 1_000;
      window.add(bar(5, String(second), { start, end: start + 1_000 }));
    }
    expect(window.folded()).toMatchObject({ start: 3 * minute, open: '3', close: '1', volume: '1.3' });
  });
});
