export interface BackoffOptions {
  /** First delay. @default 50 */
  readonly firstMs?: number;
  /** Longest delay. @default 1_000 */
  readonly maxMs?: number;
  /** @default Math.random */
  readonly random?: () => number;
}

/**
 * How long to wait before the attempt after `failures` failed ones: doubling, with the upper half of it random, so
 * that a fleet that lost its server together does not reconnect together.
 */
export const createBackoff = (options: BackoffOptions = {}): ((failures: number) => number) => {
  const { firstMs = 50, maxMs = 1_000, random = Math.random } = options;
  return (failures) => Math.min(maxMs, firstMs * 2 ** failures) * (0.5 + random() / 2);
};
