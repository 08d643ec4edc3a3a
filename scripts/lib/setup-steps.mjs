import { SetupError } from './setup-error.mjs';

/**
 * Runs a step of the set-up and prints how long it took.
 * @template T
 * @param {string} name
 * @param {() => Promise<T>} task
 * @returns {Promise<T>}
 */
export const step = async (name, task) => {
  const beganMs = performance.now();
  const took = () => `${((performance.now() - beganMs) / 1_000).toFixed(1)} s`;
  try {
    const result = await task();
    console.log(`set-up: ${name}: ready after ${took()}`);
    return result;
  } catch (error) {
    console.log(`set-up: ${name}: missing, after ${took()}`);
    throw error;
  }
};

/**
 * Waits for all steps, so that everything that is missing is reported at once.
 * @template {readonly Promise<unknown>[]} T
 * @param {T} steps
 * @returns {Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }>}
 * @throws {SetupError} with one line per missing part
 */
export const allSteps = async (steps) => {
  const outcomes = await Promise.allSettled(steps);
  const errors = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  const unexpected = errors.find((error) => !(error instanceof SetupError));
  if (unexpected !== undefined) throw unexpected;
  if (errors.length > 0) throw new SetupError(errors.map(({ message }) => message).join(' '));
  return /** @type {any} */ (await Promise.all(steps));
};
