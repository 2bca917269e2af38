/** For `npm run record-histories`: what records is no test. */
/** @type {import('jest').Config} */
module.exports = {
  ...require('../../../jest.config.js'),
  rootDir: require('node:path').resolve(__dirname, '../../..'),
  testMatch: ['**/test/replay/record/record.ts'],
};
