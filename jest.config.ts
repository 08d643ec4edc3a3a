import type { Config } from 'jest';

/** Every project runs from the TypeScript sources: the `source` export condition stands for a build. */
const project = (displayName: string, testMatch: string[], more: Config = {}): Config => ({
  displayName,
  testMatch,
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'node-addons'] },
  transform: { '^.+\\.ts$': ['ts-jest', { useESM: true, tsconfig: '<rootDir>/tsconfig.check.json' }] },
  modulePathIgnorePatterns: ['/dist/'],
  ...more,
});

const config: Config = {
  projects: [
    project('unit', [
      '<rootDir>/packages/*/src/**/*.test.ts',
      '<rootDir>/apps/*/src/**/*.test.ts',
      '<rootDir>/bench/**/*.test.ts',
    ]),
    project('integration', ['<rootDir>/tests/integration/**/*.test.ts']),
    project('e2e', ['<rootDir>/tests/e2e/**/*.test.ts']),
  ] as NonNullable<Config['projects']>,
};

export default config;
