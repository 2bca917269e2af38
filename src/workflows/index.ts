/** The workflow types of the worker, by their names. */
export { organizationGate } from './organization-gate';
export { vendAccount } from './vend-account';
