/**
 * What callers of account-vending import: types, names, messages and failure types. It pulls in
 * neither zod nor the AWS SDK, so that a parent workflow's bundle stays small.
 * @module
 */
export * from './batch';
export * from './escalation';
export * from './failures';
export * from './gate';
export * from './messages';
export * from './names';
export * from './notification';
export * from './request';
export * from './search-attributes';
export * from './state';
export * from './watch';
