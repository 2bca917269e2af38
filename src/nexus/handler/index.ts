/** What the worker registers: the service's operations. */
import { serviceHandler } from 'nexus-rpc';
import { accountVending } from '../service';
import { resolve } from './resolve';
import { state } from './state';
import { vendAccountOperation } from './vend-account';

export function createNexusService() {
  return serviceHandler(accountVending, { vendAccount: vendAccountOperation, state, resolve });
}
