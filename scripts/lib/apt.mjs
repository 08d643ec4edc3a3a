import { findOnPath, run, withRetries } from './run.mjs';

/** How to run apt-get here: as root, or on a CI machine where sudo needs no password. Never prompts. */
const aptCommand = async () => {
  const apt = findOnPath('apt-get');
  if (process.platform !== 'linux' || apt === undefined) return undefined;
  if (process.getuid?.() === 0) return [apt];
  const sudo = process.env['CI'] ? findOnPath('sudo') : undefined;
  if (sudo === undefined || !(await run(sudo, ['-n', 'true'])).ok) return undefined;
  return [sudo, '-n', 'DEBIAN_FRONTEND=noninteractive', apt];
};

/** @param {readonly string[]} packages */
const install = async (packages) => {
  const found = await aptCommand();
  if (found === undefined || packages.length === 0) return false;
  const [command = '', ...before] = found;
  console.log(`set-up: installing ${packages.join(' ')} with apt-get ...`);
  const options = { env: { DEBIAN_FRONTEND: 'noninteractive' }, timeoutMs: 300_000 };
  const quiet = ['-qq', '-o', 'DPkg::Lock::Timeout=120'];
  const { ok, output } = await withRetries(async () => {
    const updated = await run(command, [...before, ...quiet, 'update'], options);
    if (!updated.ok) return updated;
    return run(command, [...before, ...quiet, '-y', '--no-install-recommends', 'install', ...packages], options);
  });
  if (!ok) console.error(output.trim());
  return ok;
};

/** @type {Promise<unknown>} */
let last = Promise.resolve();

/**
 * Installs Debian packages if that is allowed, one call after the other, because apt-get locks its lists.
 * @param {readonly string[]} packages
 * @returns {Promise<boolean>} false if apt-get is missing, not allowed, or failed three times
 */
export const aptInstall = (packages) => {
  const installed = last.then(() => install(packages));
  last = installed;
  return installed;
};
