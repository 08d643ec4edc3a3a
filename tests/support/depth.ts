/**
 * How far tests search. `npm test` proves each rule with fixed seeds; `npm run test:nightly` searches further, with new
 * seeds. scripts/test.mjs sets these two variables; by the first one jest.config.ts decides whether `*.nightly.test.ts`
 * run.
 */
export const isNightly = process.env['TICKWIRE_TEST_DEPTH'] === 'nightly';

/** The seed of random tests. The nightly run prints its own; `TICKWIRE_TEST_SEED` repeats it. */
export const testSeed = Number(process.env['TICKWIRE_TEST_SEED'] ?? 20_260_101);

/** Rounds of a search: this many in the nightly run, a fifth of them otherwise. */
export const rounds = (nightly: number): number => (isNightly ? nightly : Math.ceil(nightly / 5));
