import { createVendWorker, parseRequest } from 'account-vending';
import { createActivities } from 'account-vending/activities';
import { TASK_QUEUE, VendFailure, resolveSignal } from 'account-vending/contract';
import { encryptionFromEnvironment } from 'account-vending/encryption';
import { accountVending } from 'account-vending/nexus';
import { startSimulator } from 'account-vending/simulator';
import { startFakeVending } from 'account-vending/testing';
import { vendAccount } from 'account-vending/workflows';

/** The same doors from an ES module: names are there without a default to go through. */
const functions = {
  createVendWorker,
  parseRequest,
  createActivities,
  startSimulator,
  startFakeVending,
  vendAccount,
  encryptionFromEnvironment,
};
console.log(
  JSON.stringify({
    functions: Object.values(functions).map((value) => typeof value),
    taskQueue: TASK_QUEUE,
    failure: VendFailure.VendAbandoned,
    signal: resolveSignal.name,
    service: accountVending.name,
  }),
);
