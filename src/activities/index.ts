/**
 * What the workflows ask of the world. Each answers with an outcome: AWS's refusals are answers
 * that the workflow judges, not failures. Nothing here waits or decides.
 * @module
 */
import { admit } from './admit';
import type { AdmitInput } from './admit';
import { alive } from './alive';
import { lookAtConformance } from './conformance-packs';
import type { ConformanceLookInput } from './conformance-packs';
import { createAccount, describeCreateAccountStatus } from './create-account';
import type { SubmitInput } from './create-account';
import type { ActivityDeps } from './deps';
import { listEarlierRuns, readRun } from './earlier-runs';
import { findAccount, inspectAccount, tagAccount } from './find-account';
import type { FindInput, InspectInput } from './find-account';
import { listCreatingVends, observeHolders, readGatePolicy, tellGate } from './gate';
import type { ObserveInput, TellGateInput } from './gate';
import { OrganizationLookup } from './organization';
import { locateAccount, placeAccount } from './place-account';
import type { PlaceInput } from './place-account';

export type { ActivityDeps } from './deps';
export type { AdmitAnswer } from './admit';
export type * from './outcomes';

export type Activities = ReturnType<typeof createActivities>;

export function createActivities(deps: ActivityDeps) {
  const lookup = new OrganizationLookup(deps.aws);
  return {
    admit: alive((input: AdmitInput) => admit(deps, lookup, input)),
    createAccount: (input: SubmitInput) => createAccount(deps, lookup, input),
    describeCreateAccountStatus: (input: {
      organizationId: string;
      createAccountRequestId: string;
    }) => describeCreateAccountStatus(deps, lookup, input),
    findAccount: alive((input: FindInput) => findAccount(deps, lookup, input)),
    inspectAccount: alive((input: InspectInput) => inspectAccount(deps, lookup, input)),
    tagAccount: alive(
      (input: { organizationId: string; accountId: string; tags: Record<string, string> }) =>
        tagAccount(deps, lookup, input),
    ),
    placeAccount: alive((input: PlaceInput) => placeAccount(deps, lookup, input)),
    locateAccount: alive((input: { organizationId: string; accountId: string }) =>
      locateAccount(deps, lookup, input),
    ),
    tellGate: alive((input: TellGateInput) => tellGate(deps, input)),
    readGatePolicy: alive(() => readGatePolicy(deps)),
    listCreatingVends: alive(() => listCreatingVends(deps)),
    observeHolders: alive((input: ObserveInput) => observeHolders(deps, lookup, input)),
    listEarlierRuns,
    readRun: alive(readRun),
    lookAtConformance: alive((input: ConformanceLookInput) =>
      lookAtConformance(deps, lookup, input),
    ),
  };
}
