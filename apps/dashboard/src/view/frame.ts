/** Paints at most once a frame, and only marked parts. */
export interface Frame {
  /** Registers a paint; returns a function that marks it. Paints run in the order of their registration. */
  add(paint: () => void): () => void;
}

/** Beyond this the rest of the paints is left to the next frame, so that the page answers in between. */
const maxPaintMs = 4;

export const createFrame = (requestFrame: (run: () => void) => void, now: () => number): Frame => {
  const paints: { readonly paint: () => void; isMarked: boolean }[] = [];
  let isAsked = false;
  /** The last frame stopped here. The rest goes first: it would wait for ever behind parts that are always marked. */
  let first = 0;

  const ask = (): void => {
    if (isAsked) return;
    isAsked = true;
    requestFrame(run);
  };

  const run = (): void => {
    isAsked = false;
    const startedAt = now();
    const order = [...paints.slice(first), ...paints.slice(0, first)];
    first = 0;
    for (const entry of order) {
      if (!entry.isMarked) continue;
      if (now() - startedAt > maxPaintMs) {
        first = paints.indexOf(entry);
        ask();
        return;
      }
      entry.isMarked = false;
      entry.paint();
    }
  };

  return {
    add(paint) {
      const entry = { paint, isMarked: false };
      paints.push(entry);
      return () => {
        entry.isMarked = true;
        ask();
      };
    },
  };
};

/** A hidden page has no frames, but people read its title. */
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

/** Between two tasks the browser may paint and answer. Not a timer: those wait for a second in a hidden page. */
export const nextTask = (): Promise<void> =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
