/** Something that a person has to do or know. Its message is printed in one line, without a stack. */
export class SetupError extends Error {
  name = 'SetupError';
}

/**
 * Runs `main`; a SetupError becomes one line on stderr and exit code 1.
 * @param {() => Promise<void>} main
 */
export const runMain = async (main) => {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(error.message);
    process.exit(1);
  }
};
