/** A point and the value of the function there. */
interface Vertex {
  readonly at: readonly number[];
  readonly value: number;
}

export interface MinimumOptions {
  readonly start: readonly number[];
  /** Side of the first simplex. */
  readonly side: number;
  /** The search ends when the values at the corners differ by less. */
  readonly tolerance: number;
  readonly maxEvaluations: number;
}

/**
 * The lowest point that a simplex finds (Nelder & Mead 1965): a local minimum, in few dimensions, without derivatives.
 */
export const findMinimum = (
  f: (at: readonly number[]) => number,
  { start, side, tolerance, maxEvaluations }: MinimumOptions,
): readonly number[] => {
  let evaluations = 0;
  const vertex = (at: readonly number[]): Vertex => {
    evaluations++;
    const value = f(at);
    return { at, value: Number.isNaN(value) ? Infinity : value };
  };
  const between = (from: readonly number[], to: readonly number[], share: number): readonly number[] =>
    from.map((x, i) => x + share * ((to[i] as number) - x));

  let simplex = [vertex(start), ...start.map((x, i) => vertex(start.with(i, x + side)))];
  for (;;) {
    simplex.sort((a, b) => a.value - b.value);
    const [best, worst] = [simplex[0] as Vertex, simplex.at(-1) as Vertex];
    if (evaluations >= maxEvaluations || !(worst.value - best.value > tolerance)) return best.at;
    const kept = simplex.slice(0, -1);
    const centroid = start.map((_, i) => kept.reduce((sum, { at }) => sum + (at[i] as number), 0) / kept.length);
    // Moves away from the worst point: further if that gives the best value so far, half as far if it is not better.
    const reflected = vertex(between(centroid, worst.at, -1));
    let next = reflected;
    if (reflected.value < best.value) {
      const expanded = vertex(between(centroid, worst.at, -2));
      if (expanded.value < reflected.value) next = expanded;
    } else if (reflected.value >= (kept.at(-1) as Vertex).value) {
      next = vertex(between(centroid, reflected.value < worst.value ? reflected.at : worst.at, 0.5));
    }
    simplex =
      next.value < worst.value
        ? [...kept, next]
        : [best, ...simplex.slice(1).map(({ at }) => vertex(between(at, best.at, 0.5)))];
  }
};
