// Writes the software bill of materials of the image, in CycloneDX, to standard output: npm run -s sbom > sbom.json. It
// lists what the image installs, from package-lock.json, so it needs no network and no install.
import { runNpm } from './lib/npm.mjs';

const shipped = ['@tickwire/producer', '@tickwire/gateway'].flatMap((name) => ['--workspace', name]);
const { ok } = await runNpm(
  [
    'sbom',
    '--sbom-format',
    'cyclonedx',
    '--sbom-type',
    'application',
    '--omit',
    'dev',
    '--package-lock-only',
    ...shipped,
  ],
  { show: true },
);
process.exitCode = ok ? 0 : 1;
