/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

/** Under `tests/`, without `.test.ts`. */
const extended = ['e2e/chaos-regressions', 'e2e/security/storm', 'e2e/soak'];

/**
 * Every project runs from the TypeScript sources: the `source` export condition stands for a build.
 */
const project = (
  displayName: string,
  testMatch: string[],
  except: readonly string[] = [],
): NonNullable<Config['projects']>[number] => ({
  displayName,
  testMatch,
  testPathIgnorePatterns: [
    '/node_modules/',
    ...except.map((path) => `/tests/${path.replace('*', '[^/]*')}\\.test\\.ts$`),
  ],
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'node-addons'] },
  transform: { '^.+\\.ts$': ['ts-jest', { useESM: true, tsconfig: '<rootDir>/tsconfig.check.json' }] },
  modulePathIgnorePatterns: ['/dist/'],
});

const config: Config = {
  // Jest leaves one core idle unless told.
  maxWorkers: '100%',
  // Above every deadline of `waitFor`, whose message says what did not happen.
  testTimeout: 60_000,
  projects: [
    project('unit', [
      '<rootDir>/packages/*/src/**/!(*.slow).test.ts',
      '<rootDir>/apps/*/src/**/!(*.slow).test.ts',
      '<rootDir>/bench/**/!(*.slow).test.ts',
      '<rootDir>/tests/house/**/*.test.ts',
    ]),
    // Long computations stand beside their sources, and are run here so that `npm run check` stays quick.
    project(
      'integration',
      ['<rootDir>/tests/integration/**/*.test.ts', '<rootDir>/{packages,apps}/*/src/**/*.slow.test.ts'],
      extended,
    ),
    project('e2e', ['<rootDir>/tests/e2e/**/*.test.ts'], extended),
    // A command of its own, `npm run test:extended`: parts in work, and what takes long.
    project(
      'extended',
      extended.map((path) => `<rootDir>/tests/${path}.test.ts`),
    ),
  ],
};

export default config;
