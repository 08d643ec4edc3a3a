import { SetupError } from './setup-error.mjs';

const OLDEST_MAJOR = 20;
const OLDEST_MINOR = 19;

/** @throws {SetupError} if this Node.js is older than the `engines` of package.json allow */
export const requireNodeVersion = () => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_MAJOR || (major === OLDEST_MAJOR && minor >= OLDEST_MINOR)) return;
  throw new SetupError(
    `Tickwire needs Node.js ${OLDEST_MAJOR}.${OLDEST_MINOR} or newer and this is ${process.versions.node}: see https://nodejs.org/`,
  );
};
