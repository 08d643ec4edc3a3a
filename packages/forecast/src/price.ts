const maxPrice = Number.MAX_VALUE;

/** Whether it has a logarithm. */
export const isPrice = (value: number): boolean => value > 0 && value <= maxPrice;
