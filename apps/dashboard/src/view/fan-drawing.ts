import { type Fan, type FanPoint, fanLevels } from '../model/fan.js';
import type { FanOutcome } from '../model/fan-history.js';
import type { Palette } from './theme.js';

/** Where to draw, in CSS pixels. `y` is null while there is no price scale. */
export interface FanCanvas {
  readonly context: CanvasRenderingContext2D;
  readonly height: number;
  readonly x: (ms: number) => number;
  readonly y: (price: number) => number | null;
}

type Mood = 'live' | 'past';

/** Laid over each other from the widest to the narrowest, so that what is likelier is denser. */
const fill: Readonly<Record<Mood, Readonly<Record<(typeof fanLevels)[number], number>>>> = {
  live: { 95: 0.07, 90: 0.09, 80: 0.1, 50: 0.16 },
  past: { 95: 0, 90: 0.075, 80: 0, 50: 0.05 },
};
const edge: Readonly<Record<Mood, number>> = { live: 0.6, past: 0.28 };
const dash = [3, 3];

const trace = (canvas: FanCanvas, points: readonly FanPoint[], price: (point: FanPoint) => number): void => {
  for (const point of points) {
    const y = canvas.y(price(point));
    if (y !== null) canvas.context.lineTo(canvas.x(point.at), y);
  }
};

export const drawFan = (canvas: FanCanvas, { points, isWarming }: Fan, palette: Palette, mood: Mood): void => {
  const { context } = canvas;
  context.save();
  context.fillStyle = palette.accent;
  context.strokeStyle = palette.accent;
  const backwards = [...points].reverse();
  for (const level of fanLevels) {
    const alpha = fill[mood][level];
    if (alpha === 0) continue;
    context.globalAlpha = isWarming ? alpha * 0.75 : alpha;
    context.beginPath();
    trace(canvas, points, ({ levels }) => levels[level][1]);
    trace(canvas, backwards, ({ levels }) => levels[level][0]);
    context.closePath();
    context.fill();
  }
  // What is not calibrated yet has a broken edge.
  context.setLineDash(isWarming ? dash : []);
  context.lineWidth = 1;
  context.globalAlpha = edge[mood];
  for (const side of [0, 1] as const) {
    context.beginPath();
    trace(canvas, points, ({ levels }) => levels[90][side]);
    context.stroke();
  }
  if (mood === 'live') {
    context.setLineDash([]);
    context.globalAlpha = 0.9;
    context.beginPath();
    trace(canvas, points, ({ center }) => center);
    context.stroke();
    drawLabels(canvas, points.at(-1), palette);
  }
  context.restore();
};

/** The levels' names at the far end, where there is room for them. */
const drawLabels = (canvas: FanCanvas, end: FanPoint | undefined, palette: Palette): void => {
  if (end === undefined) return;
  const { context } = canvas;
  context.font = '500 10px "Inter", system-ui, sans-serif';
  context.textBaseline = 'middle';
  context.fillStyle = palette.accent;
  context.globalAlpha = 0.95;
  let above = Number.NEGATIVE_INFINITY;
  for (const level of fanLevels) {
    const y = canvas.y(end.levels[level][1]);
    if (y === null || y - above < 11) continue;
    context.fillText(`${level}%`, canvas.x(end.at) + 5, y);
    above = y;
  }
};

/** A line between what happened and what may. */
export const drawNow = ({ context, height, x }: FanCanvas, { madeAt }: Fan, palette: Palette): void => {
  context.save();
  context.strokeStyle = palette.muted;
  context.globalAlpha = 0.35;
  context.setLineDash([2, 4]);
  context.beginPath();
  context.moveTo(Math.round(x(madeAt)) + 0.5, 0);
  context.lineTo(Math.round(x(madeAt)) + 0.5, height);
  context.stroke();
  context.restore();
};

/** A full dot where the interval held, an open ring where it missed: not by colour alone. */
export const drawOutcome = (canvas: FanCanvas, fan: Fan, outcome: FanOutcome, palette: Palette): void => {
  if (outcome.kind !== 'held' && outcome.kind !== 'missed') return;
  const { context } = canvas;
  const y = canvas.y(outcome.price);
  if (y === null) return;
  context.save();
  context.beginPath();
  context.arc(canvas.x(fan.target), y, outcome.kind === 'held' ? 2.5 : 4.5, 0, 2 * Math.PI);
  if (outcome.kind === 'held') {
    context.fillStyle = palette.accent;
    context.fill();
  } else {
    context.strokeStyle = palette.warn;
    context.lineWidth = 2;
    context.stroke();
  }
  context.restore();
};
