/**
 * Resolves with the first truthy value of the predicate, tried every few milliseconds.
 * @throws Error after `deadlineMs`, naming what was waited for.
 */
export const waitFor = async <T>(
  what: string,
  predicate: () => T | Promise<T>,
  deadlineMs = 10_000,
): Promise<NonNullable<Exclude<T, false>>> => {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    const value = await predicate();
    if (value) return value as NonNullable<Exclude<T, false>>;
    if (Date.now() > deadline) throw new Error(`waited ${deadlineMs} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};
