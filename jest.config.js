const { availableParallelism } = require('node:os');

/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
        module: { type: 'commonjs' },
      },
    ],
  },
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  testSequencer: '<rootDir>/test/support/slow-first.cjs',
  // A limit for what is stuck, and not a measure: CI machines are busy.
  testTimeout: 300_000,
  // Most tests wait more than they compute. (A percentage above 100 is a count to jest.)
  maxWorkers: Math.min(2 * availableParallelism(), 8),
};
