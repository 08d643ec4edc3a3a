import type { Sparkline } from '../model/sparkline.js';

/** A small canvas with a line in it. */
export interface SparklineCanvas {
  readonly canvas: HTMLCanvasElement;
  /** Draws only when something that shows has changed. */
  paint(sparkline: Sparkline, color: string): void;
}

const heights = new Float64Array(256);
const places = new Float64Array(256);
const pad = 2;

interface Size {
  readonly width: number;
  readonly height: number;
}

const noSize: Size = { width: 0, height: 0 };
const sizes = new WeakMap<Element, Size>();
/** Asking an element for its size in the middle of a paint would force a layout, once a line and frame. */
const observer = new ResizeObserver((entries) => {
  for (const { target, contentRect } of entries) sizes.set(target, contentRect);
});

export const createSparklineCanvas = (): SparklineCanvas => {
  const canvas = document.createElement('canvas');
  canvas.className = 'spark';
  canvas.setAttribute('aria-hidden', 'true');
  const context = canvas.getContext('2d');
  let drawn: { sparkline: Sparkline; revision: number; color: string; scale: number; size: Size } | undefined;
  observer.observe(canvas);

  const draw = (sparkline: Sparkline, color: string, scale: number, { width, height }: Size): void => {
    if (context === null) return;
    if (canvas.width !== width * scale) canvas.width = width * scale;
    if (canvas.height !== height * scale) canvas.height = height * scale;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, width, height);
    const count = sparkline.heights(heights);
    if (count < 2) return;
    sparkline.places(places);
    const x = (i: number): number => pad + (places[i] as number) * (width - 2 * pad);
    const y = (i: number): number => height - pad - (heights[i] as number) * (height - 2 * pad);
    context.beginPath();
    for (let i = 0; i < count; i += 1) context.lineTo(x(i), y(i));
    context.strokeStyle = color;
    context.lineWidth = 1.25;
    context.lineJoin = 'round';
    context.stroke();
    context.lineTo(x(count - 1), height);
    context.lineTo(x(0), height);
    context.globalAlpha = 0.1;
    context.fillStyle = color;
    context.fill();
    context.globalAlpha = 1;
    context.beginPath();
    context.arc(x(count - 1), y(count - 1), 1.6, 0, 2 * Math.PI);
    context.fill();
  };

  return {
    canvas,
    paint(sparkline, color) {
      const { revision } = sparkline;
      const scale = devicePixelRatio;
      const size = sizes.get(canvas) ?? noSize;
      const isSame = drawn?.sparkline === sparkline && drawn.revision === revision;
      if (isSame && drawn?.color === color && drawn.scale === scale && drawn.size === size) return;
      drawn = { sparkline, revision, color, scale, size };
      draw(sparkline, color, scale, size);
    },
  };
};
