/**
 * How far tests search. `npm test` proves each rule with fixed seeds; `npm run test:nightly` looks further, with new ones.
 * scripts/test.mjs sets these two variables, and jest.config.ts leaves out `*.nightly.test.ts` by the first.
 */
export const isNightly = process.env['TICKWIRE_TEST_DEPTH'] === 'nightly';

/** What tests draw from. The nightly run prints its own, and `TICKWIRE_TEST_SEED` repeats it. */
export const testSeed = Number(process.env['TICKWIRE_TEST_SEED'] ?? 20_260_101);

/** Rounds of a search: so many in the nightly run, a fifth of them otherwise. */
export const rounds = (nightly: number): number => (isNightly ? nightly : Math.ceil(nightly / 5));
