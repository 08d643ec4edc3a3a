export interface BackoffOptions {
  /** First delay. @default 50 */
  readonly firstMs?: number;
  /** Longest delay. @default 1_000 */
  readonly maxMs?: number;
  /** @default Math.random */
  readonly random?: () => number;
}

/**
 * The wait before the attempt after `failures` failed ones. It doubles, and its upper half is random, so that a fleet
 * that lost its server together does not reconnect together.
 */
export const createBackoff = (options: BackoffOptions = {}): ((failures: number) => number) => {
  const { firstMs = 50, maxMs = 1_000, random = Math.random } = options;
  return (failures) => Math.min(maxMs, firstMs * 2 ** failures) * (0.5 + random() / 2);
};
