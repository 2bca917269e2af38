/**
 * For programs: the whole contract, and what a worker of one's own is made of. Workflows import
 * `account-vending/contract`, which brings no zod, no AWS SDK and no worker into their bundle.
 * @module
 */
export * from './contract';
export {
  ConfigurationError,
  loadConfiguration,
  parseConfiguration,
  parseRequest,
  type Configuration,
} from './config';
export { createVendWorker, type VendWorkerOptions } from './runtime/create-worker';
