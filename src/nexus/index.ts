/**
 * What a workflow of another namespace imports to vend accounts by Nexus: the service's definition,
 * and a way to tell its failures. Nothing of the handler is in it.
 * @module
 */
export * from './failures';
export * from './service';
