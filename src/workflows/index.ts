/** The workflow types of the worker, by their names. */
export { vendAccount } from './vend-account';
