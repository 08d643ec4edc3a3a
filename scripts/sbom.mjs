// Writes the software bill of materials of the image, CycloneDX, to standard output: npm run -s sbom > sbom.json
// It is made from package-lock.json of what the image installs, so that it needs no network and no install.
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
