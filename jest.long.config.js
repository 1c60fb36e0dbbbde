import config from './jest.config.js';

/** Slow proofs on much data: run before a release, not at every change. */
export default { ...config, testMatch: ['<rootDir>/test/long/*.test.ts'], testTimeout: 400_000 };
