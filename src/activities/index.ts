/**
 * What the workflows ask of the world. Each answers with an outcome: AWS's refusals are answers
 * that the workflow judges, not failures. Nothing here waits or decides.
 * @module
 */
import type { Occasion } from '../contract';
import { AccountList } from './accounts';
import { admit } from './admit';
import type { AdmitInput } from './admit';
import { alive } from './alive';
import { atMost } from './at-most';
import { cancelVends, lookAtVends } from './batch';
import { ConfigPace } from './config-pace';
import { PackCatalogue } from './conformance-packs';
import { putAlternateContacts } from './alternate-contacts';
import type { ContactsInput } from './alternate-contacts';
import { checkReadiness } from './check-readiness';
import type { ReadinessInput } from './check-readiness';
import { createAccount, describeCreateAccountStatus } from './create-account';
import type { SubmitInput } from './create-account';
import type { ActivityDeps } from './deps';
import { listEarlierRuns } from './earlier-runs';
import { readRun } from './read-run';
import { findAccount, inspectAccount, tagAccount } from './find-account';
import type { FindInput, InspectInput, TagInput } from './find-account';
import { listCreatingVends, observeHolders, readGatePolicy } from './gate';
import type { ObserveInput } from './gate';
import { lookAtPacks } from './look-at-packs';
import type { LookInput } from './look-at-packs';
import { listSubscribers, sendNotification, startNotification } from './notify';
import type { SendInput, StartNotificationInput } from './notify';
import { OrganizationLookup } from './organization';
import { locateAccount, placeAccount } from './place-account';
import { PackReader } from './pack-reader';
import type { PlaceInput } from './place-account';
import { tellGate, tellWatch } from './tell';
import type { TellGateInput, TellWatchInput } from './tell';
import { enableRegions, lookAtRegions } from './regions';
import type { RegionsInput } from './regions';
import { WatchPost } from './watch-post';

export { createAwsClients, type AwsClients, type AwsSettings } from '../aws/clients';
export type { ActivityDeps } from './deps';
export type { AdmitAnswer } from './admit';
export type * from './outcomes';
export type { WatchMessage } from './watch-post';

export type Activities = ReturnType<typeof createActivities>;

/** To one subscriber, which may hang. */
const MOST_SENT_AT_ONCE = 10;

/**
 * The activities of a worker, by their names.
 * @param deps AWS clients (see {@link createAwsClients}) and the configuration
 */
export function createActivities(deps: ActivityDeps) {
  const lookup = new OrganizationLookup(deps.aws);
  const accounts = new AccountList(deps.aws);
  const reader = new PackReader(deps, new ConfigPace(deps.configEveryMs));
  const post = new WatchPost(deps.configuration.taskQueue);
  const catalogue = new PackCatalogue(reader, deps.configuration.conformance.owners);
  return alive({
    admit: (input: AdmitInput) => admit(deps, lookup, catalogue, input),
    createAccount: (input: SubmitInput) => createAccount(deps, lookup, input),
    describeCreateAccountStatus: (input: {
      organizationId: string;
      createAccountRequestId: string;
    }) => describeCreateAccountStatus(deps, lookup, input),
    findAccount: (input: FindInput) => findAccount(deps, lookup, accounts, input),
    inspectAccount: (input: InspectInput) => inspectAccount(deps, lookup, input),
    tagAccount: (input: TagInput) => tagAccount(deps, lookup, input),
    placeAccount: (input: PlaceInput) => placeAccount(deps, lookup, input),
    locateAccount: (input: { organizationId: string; accountId: string }) =>
      locateAccount(deps, lookup, input),
    checkReadiness: (input: ReadinessInput) => checkReadiness(deps, lookup, input),
    putAlternateContacts: (input: ContactsInput) => putAlternateContacts(deps, lookup, input),
    lookAtRegions: (input: RegionsInput) => lookAtRegions(deps, lookup, input),
    enableRegions: (input: RegionsInput) => enableRegions(deps, lookup, input),
    tellGate: (input: TellGateInput) => tellGate(deps, input),
    readGatePolicy: () => readGatePolicy(deps),
    listCreatingVends: () => listCreatingVends(deps),
    observeHolders: (input: ObserveInput) => observeHolders(deps, lookup, input),
    listEarlierRuns,
    readRun,
    lookAtPacks: (input: LookInput) => lookAtPacks(deps, lookup, reader, input),
    lookAtVends,
    cancelVends,
    tellWatch: (input: TellWatchInput) => tellWatch(post, input),
    startNotification: (input: StartNotificationInput) => startNotification(deps, input),
    listSubscribers: (input: { occasion: Occasion }) => listSubscribers(deps, input),
    sendNotification: atMost(
      MOST_SENT_AT_ONCE,
      ({ key }: SendInput) => key,
      (input) => sendNotification(deps, input),
    ),
  });
}
