/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

/** See tests/support/depth.ts. */
const isNightly = process.env['TICKWIRE_TEST_DEPTH'] === 'nightly';

/**
 * Every project runs from the TypeScript sources: the `source` export condition stands for a build.
 */
const project = (displayName: string, testMatch: string[]): NonNullable<Config['projects']>[number] => ({
  displayName,
  testMatch,
  testPathIgnorePatterns: ['/node_modules/', ...(isNightly ? [] : ['\\.nightly\\.test\\.ts$'])],
  testEnvironment: '<rootDir>/scripts/lib/jest-environment.mjs',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'node-addons'] },
  transform: { '^.+\\.ts$': ['ts-jest', { useESM: true, tsconfig: '<rootDir>/tsconfig.check.json' }] },
  modulePathIgnorePatterns: ['/dist/'],
  setupFilesAfterEnv: ['<rootDir>/tests/support/time-limit.ts'],
});

const config: Config = {
  // Jest leaves one core idle unless told.
  maxWorkers: '100%',
  // Modules of finished files stay in a worker's memory: a new worker is cheaper than their garbage, and ends at once.
  workerIdleMemoryLimit: '700MB',
  testSequencer: '<rootDir>/scripts/lib/jest-order.mjs',
  projects: [
    project('unit', [
      '<rootDir>/packages/*/src/**/!(*.slow).test.ts',
      '<rootDir>/apps/*/src/**/!(*.slow).test.ts',
      '<rootDir>/bench/**/!(*.slow).test.ts',
      '<rootDir>/tests/house/**/*.test.ts',
    ]),
    // Long computations stand beside their sources, and are apart so that `npm run check` stays quick.
    project('slow', ['<rootDir>/{packages,apps}/*/src/**/*.slow.test.ts']),
    project('integration', ['<rootDir>/tests/integration/**/*.test.ts']),
    project('e2e', ['<rootDir>/tests/e2e/**/*.test.ts']),
  ],
};

export default config;
