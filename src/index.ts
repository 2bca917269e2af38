/**
 * For programs: the whole contract, and what a worker of one's own is made of
 * and starts vends by (docs/own-program.md). Workflows import
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
export { createAwsClients, type AwsClients, type AwsSettings } from './aws/clients';
export { createVendWorker, type VendWorkerOptions } from './runtime/create-worker';
export { ensureSearchAttributes } from './runtime/search-attributes';
export { vendStartOptions } from './vends/start-options';
