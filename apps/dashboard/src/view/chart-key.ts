import { byId, el, setData, setText } from './dom.js';
import type { JudgedFan } from './fan-layer.js';

/** What the shades and marks of the chart mean, and how the forecasts in it did. */
export interface ChartKey {
  paint(past: readonly JudgedFan[], isWarming: boolean, hasFan: boolean): void;
}

export const createChartKey = (): ChartKey => {
  const container = byId('chart-key');
  const swatches = ['50', '80', '90', '95'].map((level) => el('i', { class: `swatch swatch-${level}` }));
  const shades = el('span', { class: 'key-item' }, ...swatches, '50, 80, 90, 95% of outcomes');
  const warming = el('span', { class: 'key-item key-warming' }, 'warming up: calibration not sure yet');
  const heldMark = el('i', { class: 'mark-held' });
  const missedMark = el('i', { class: 'mark-missed' });
  const heldText = el('span', {});
  const missedText = el('span', {});
  const record = el(
    'span',
    { class: 'key-item' },
    ...['Earlier forecasts: ', heldMark, heldText, ' ', missedMark, missedText],
  );
  container.append(shades, warming, record);

  return {
    paint(past, isWarming, hasFan) {
      const held = past.filter(({ outcome }) => outcome.kind === 'held').length;
      const missed = past.filter(({ outcome }) => outcome.kind === 'missed').length;
      setData(container, 'fan', String(hasFan));
      warming.hidden = !isWarming || !hasFan;
      record.hidden = held + missed === 0;
      setText(heldText, `${held} held`);
      setText(missedText, `${missed} missed`);
    },
  };
};
