import { SetupError } from './setup-error.mjs';

const OLDEST_MAJOR = 20;
const OLDEST_MINOR = 19;

/** @throws {SetupError} when this Node.js is older than package.json's `engines` allows */
export const requireNodeVersion = () => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_MAJOR || (major === OLDEST_MAJOR && minor >= OLDEST_MINOR)) return;
  throw new SetupError(
    `Tickwire needs Node.js ${OLDEST_MAJOR}.${OLDEST_MINOR} or newer and this is ${process.versions.node}: see https://nodejs.org/`,
  );
};
