/** Central coverages of the intervals, in percent, in the order of every array by level. */
export const levels = [50, 80, 90, 95] as const;
export type Level = (typeof levels)[number];

export const levelCount = levels.length;

/** Share of outcomes a level may miss. */
export const missRates: readonly number[] = levels.map((level) => 1 - level / 100);

/** Half widths of the central intervals of a standard normal distribution. */
export const gaussianHalfWidths: readonly number[] = [
  0.6744897501960817, 1.2815515655446004, 1.6448536269514722, 1.959963984540054,
];

/** Index of the level that the Diebold-Mariano statistic refers to. */
export const mainLevelIndex = levels.indexOf(90);
