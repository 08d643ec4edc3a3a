import { type BesideRow, notMeasured } from './beside.js';
import { number } from './format.js';

const colours: Readonly<Record<string, string>> = {
  Centrifugo: '#4e79a7',
  Bun: '#f28e2b',
  Rust: '#b07aa1',
  'C floor': '#59a14f',
  'naive ws': '#9c755f',
  'Socket.IO': '#bab0ac',
};
const width = 960;
const labelWidth = 320;
const barHeight = 14;
const gap = 14;
const head = 56;
/** The axis is logarithmic and has the same length on both sides. */
const mostTimes = 64;
const middle = labelWidth + (width - labelWidth) / 2;
const half = (width - labelWidth) / 2 - 60;

/** Bars to the right of the line: the product is so many times better. To the left: so many times worse. */
export const besideChart = (rows: readonly BesideRow[]): string => {
  const measured = rows
    .map(({ what, cells }) => ({ what, cells: cells.filter(({ times }) => times !== undefined) }))
    .filter(({ cells }) => cells.length > 0);
  let y = head;
  const groups = measured.map(({ what, cells }) => {
    const top = y;
    const bars = cells.map(({ rival, times }) => {
      const bar = barOf(rival, times?.median ?? 1, y);
      y += barHeight;
      return bar;
    });
    y += gap;
    const label = `<text x="${labelWidth - 12}" y="${top + barHeight - 3}" text-anchor="end">${escaped(what)}</text>`;
    return [label, ...bars].join('\n');
  });
  const height = Math.max(y, head + gap);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" role="img">`,
    '<title>Tickwire beside other servers</title>',
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    legend(),
    `<line x1="${middle}" y1="${head - 8}" x2="${middle}" y2="${height}" stroke="#444444"/>`,
    `<text x="${middle + 8}" y="${head - 12}" fill="#444444">Tickwire is better</text>`,
    `<text x="${middle - 8}" y="${head - 12}" fill="#444444" text-anchor="end">the other is better</text>`,
    ...(measured.length === 0 ? [`<text x="${middle}" y="${head + 4}">${notMeasured}</text>`] : groups),
    '</svg>',
    '',
  ].join('\n');
};

const barOf = (rival: string, times: number, y: number): string => {
  const length = Math.min(1, Math.abs(Math.log(times)) / Math.log(mostTimes)) * half;
  const isBetter = times >= 1;
  const x = isBetter ? middle : middle - length;
  const at = isBetter ? middle + length + 4 : middle - length - 4;
  const anchor = isBetter ? 'start' : 'end';
  return [
    `<rect x="${round(x)}" y="${y}" width="${round(Math.max(length, 1))}" height="${barHeight - 2}" fill="${colours[rival] ?? '#888888'}"/>`,
    `<text x="${round(at)}" y="${y + barHeight - 4}" text-anchor="${anchor}" font-size="11">${number(times)} x ${escaped(rival)}</text>`,
  ].join('\n');
};

const legend = (): string => {
  let x = 12;
  return Object.entries(colours)
    .map(([rival, colour]) => {
      const entry = `<rect x="${x}" y="10" width="12" height="12" fill="${colour}"/><text x="${x + 16}" y="20">${rival}</text>`;
      x += 110;
      return entry;
    })
    .join('\n');
};

const round = (value: number): number => Math.round(value * 10) / 10;

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
