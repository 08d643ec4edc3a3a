import type { Level } from '@tickwire/forecast';
import type { GridUnit, HorizonResult } from '../walk.js';

const levels: readonly Level[] = [50, 80, 90, 95];
const size = 480;
const margin = 64;
const legendWidth = 220;
const inks = ['#1b6ca8', '#c8553d', '#2a9d8f', '#8e5ea2', '#b08900', '#555555'];
/** Axes begin here, because no level is below a half. */
const least = 0.4;

const x = (nominal: number): number => margin + ((nominal - least) / (1 - least)) * size;
const y = (observed: number): number => margin + size - ((Math.max(observed, least) - least) / (1 - least)) * size;
const at = (value: number): string => value.toFixed(1);

/**
 * Observed against nominal coverage as SVG. A calibrated forecast lies on the diagonal; whiskers are the 95 %
 * confidence bands, dashes the plain EWMA of the same horizon.
 */
export const renderCalibrationPlot = (title: string, results: readonly HorizonResult[], grid: GridUnit): string => {
  const width = margin + size + legendWidth;
  const height = 2 * margin + size;
  const plotted = results.filter(({ ours }) => ours.n > 0);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="13">`,
    `<title>Calibration: ${escapeXml(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `<text x="${margin}" y="28" font-size="16">Calibration of ${escapeXml(title)}</text>`,
    `<text x="${margin}" y="48" fill="#555555">share of outcomes inside the interval, against its level</text>`,
    ...axes(),
    ...plotted.flatMap((result, i) => series(result, grid, inks[i % inks.length] as string, i)),
    '</svg>',
    '',
  ].join('\n');
};

const axes = (): string[] => {
  const ticks = [0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1];
  const lines = ticks.flatMap((tick) => [
    `<line x1="${at(x(tick))}" y1="${at(y(least))}" x2="${at(x(tick))}" y2="${at(y(1))}" stroke="#e4e4e4"/>`,
    `<line x1="${at(x(least))}" y1="${at(y(tick))}" x2="${at(x(1))}" y2="${at(y(tick))}" stroke="#e4e4e4"/>`,
    `<text x="${at(x(tick))}" y="${at(y(least) + 20)}" text-anchor="middle" font-size="11">${Math.round(tick * 100)} %</text>`,
    `<text x="${at(x(least) - 8)}" y="${at(y(tick) + 4)}" text-anchor="end">${Math.round(tick * 100)} %</text>`,
  ]);
  return [
    ...lines,
    `<line x1="${at(x(least))}" y1="${at(y(least))}" x2="${at(x(1))}" y2="${at(y(1))}" stroke="#999999"/>`,
    `<text x="${at(x(0.7))}" y="${at(y(least) + 44)}" text-anchor="middle">level</text>`,
  ];
};

const series = ({ horizon, ours, others }: HorizonResult, grid: GridUnit, ink: string, index: number): string[] => {
  const points = levels.map((level) => ({ nominal: level / 100, scores: ours.levels[level] }));
  const ewma = others.find(({ name }) => name === 'plain EWMA');
  // Shifted a little, so that the whiskers of horizons do not overlap.
  const shifted = (nominal: number): number => x(nominal) + 3 * index;
  const path = (coverages: readonly (number | null)[]): string =>
    coverages.map((coverage, j) => `${at(shifted((levels[j] as number) / 100))},${at(y(coverage ?? 0))}`).join(' ');
  const legendY = margin + 12 + index * 42;
  const legendX = margin + size + 20;
  return [
    ...(ewma === undefined || ewma.scores.n === 0
      ? []
      : [
          `<polyline points="${path(levels.map((level) => ewma.scores.levels[level].coverage))}" fill="none" stroke="${ink}" stroke-dasharray="4 4" opacity="0.6"/>`,
        ]),
    `<polyline points="${path(points.map(({ scores }) => scores.coverage))}" fill="none" stroke="${ink}" stroke-width="2"/>`,
    ...points.flatMap(({ nominal, scores: { coverage, band } }) => [
      `<line x1="${at(shifted(nominal))}" y1="${at(y(band?.[0] ?? 0))}" x2="${at(shifted(nominal))}" y2="${at(y(band?.[1] ?? 0))}" stroke="${ink}"/>`,
      `<circle cx="${at(shifted(nominal))}" cy="${at(y(coverage ?? 0))}" r="4" fill="${ink}"/>`,
    ]),
    `<circle cx="${legendX}" cy="${legendY - 4}" r="4" fill="${ink}"/>`,
    `<text x="${legendX + 12}" y="${legendY}">${horizon} ${grid.unit} ahead</text>`,
    `<text x="${legendX + 12}" y="${legendY + 17}" fill="#555555">n ${ours.n.toLocaleString('en')}; dashed: plain EWMA</text>`,
  ];
};

const escapeXml = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
