/** The workflow types of the worker, by their names. */
export { conformanceWatch } from './conformance-watch';
export { deliverNotification } from './deliver-notification';
export { organizationGate } from './organization-gate';
export { vendAccount } from './vend-account';
export { vendBatch } from './vend-batch';
