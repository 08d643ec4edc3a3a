import { endWithParent } from './end-with-parent.mjs';

/** Something that a person has to do or know. Its message is printed in one line, without a stack. */
export class SetupError extends Error {
  name = 'SetupError';
}

const OLDEST_MAJOR = 20;
const OLDEST_MINOR = 19;

/** @throws {SetupError} if this Node.js is older than the `engines` of package.json allow */
const requireNodeVersion = () => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_MAJOR || (major === OLDEST_MAJOR && minor >= OLDEST_MINOR)) return;
  throw new SetupError(
    `Tickwire needs Node.js ${OLDEST_MAJOR}.${OLDEST_MINOR} or newer and this is ${process.versions.node}: see https://nodejs.org/`,
  );
};

/**
 * Runs `main` if Node.js is new enough, at most as long as npm does; a SetupError becomes one line on stderr and exit code 1.
 * @param {() => Promise<void>} main
 */
export const runMain = async (main) => {
  try {
    requireNodeVersion();
    if (process.env['npm_lifecycle_event'] !== undefined) endWithParent();
    await main();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(error.message);
    process.exit(1);
  }
};
