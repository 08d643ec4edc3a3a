/** Paints at most once a frame, and only what was marked. */
export interface Frame {
  /** Registers a paint; returns what marks it. Paints run in the order in which they were registered. */
  add(paint: () => void): () => void;
  /** Time the last paints took. */
  readonly lastPaintMs: number;
}

export const createFrame = (requestFrame: (run: () => void) => void, now: () => number): Frame => {
  const paints: { readonly paint: () => void; isMarked: boolean }[] = [];
  let isAsked = false;
  let lastPaintMs = 0;

  const run = (): void => {
    isAsked = false;
    const startedAt = now();
    for (const entry of paints) {
      if (!entry.isMarked) continue;
      entry.isMarked = false;
      entry.paint();
    }
    lastPaintMs = now() - startedAt;
  };

  return {
    add(paint) {
      const entry = { paint, isMarked: false };
      paints.push(entry);
      return () => {
        entry.isMarked = true;
        if (isAsked) return;
        isAsked = true;
        requestFrame(run);
      };
    },
    get lastPaintMs() {
      return lastPaintMs;
    },
  };
};

/** A hidden page has no frames, and its title is read all the same. */
const hiddenPaintMs = 1_000;

export const requestPaint = (run: () => void): void => {
  const paint = (): void => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    run();
  };
  const frame = requestAnimationFrame(paint);
  const timer = setTimeout(paint, hiddenPaintMs);
};
