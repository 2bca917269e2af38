/**
 * Judges a run by the simulator's own record: each vend must have made exactly one account, the one
 * that it says it made, and no account may be anybody else's. CommonJS, so that jest loads it too.
 */
const REQUEST_TAG = 'account-vending:request-id';

/** Reasons with which AWS ends a creation because its address has an account, or will have one. */
const ADDRESS_TAKEN = ['EMAIL_ALREADY_EXISTS', 'CONCURRENT_ACCOUNT_MODIFICATION'];

/** @type {typeof import('./oracle.cjs').judge} */
function judge({ vends, snapshot, createdAccounts }) {
  const accounts = snapshot.accounts.filter((account) => account.createAccountRequestId);
  const of = (requestId) => accounts.filter((account) => account.tags[REQUEST_TAG] === requestId);
  const ids = new Set(vends.map(({ requestId }) => requestId));
  return {
    double: vends
      .filter(({ requestId }) => of(requestId).length > 1 || createdAccounts[requestId] > 1)
      .map(({ requestId }) => `${requestId} has ${listed(of(requestId))}`),
    lost: vends
      .filter(({ requestId, status }) => status !== 'RUNNING' && isLost(status, of(requestId)))
      .map(({ requestId, status }) => `${requestId} is ${status} with ${listed(of(requestId))}`),
    stuck: vends.filter(({ status }) => status === 'RUNNING').map(({ requestId }) => requestId),
    wrong: [
      ...vends.flatMap((vend) => faultsOf(vend, of(vend.requestId))),
      ...accounts
        .filter((account) => !ids.has(account.tags[REQUEST_TAG]))
        .map((account) => `${account.id} is no vend's account`),
      ...Object.keys(createdAccounts)
        .filter((tag) => !ids.has(tag))
        .map((tag) => `accounts were created for '${tag}', which is no vend`),
      ...sharedAccounts(vends),
    ],
    addressTaken: snapshot.requests
      .filter(({ failureReason }) => ADDRESS_TAKEN.includes(failureReason))
      .map(({ id, tags, failureReason }) => `${tags[REQUEST_TAG]}: ${id} ended ${failureReason}`),
    mostInProgress: mostInProgress(snapshot),
  };
}

function isLost(status, accounts) {
  return status !== 'COMPLETED' || accounts.length === 0;
}

function faultsOf({ requestId, status, accountId, organizationalUnitId, tags }, accounts) {
  const [account, ...more] = accounts;
  if (status !== 'COMPLETED' || !account || more.length > 0) return [];
  const faults = [];
  if (accountId !== account.id) faults.push(`says ${accountId} and has ${account.id}`);
  if (account.parentId !== organizationalUnitId) {
    faults.push(`stands in ${account.parentId} and not in ${organizationalUnitId}`);
  }
  for (const [key, value] of Object.entries(tags)) {
    if (account.tags[key] !== value) faults.push(`has ${account.tags[key]} as its tag ${key}`);
  }
  return faults.map((fault) => `${requestId} ${fault}`);
}

function sharedAccounts(vends) {
  const owners = {};
  for (const { requestId, accountId } of vends) {
    if (accountId) (owners[accountId] ??= []).push(requestId);
  }
  return Object.entries(owners)
    .filter(([, requestIds]) => requestIds.length > 1)
    .map(([accountId, requestIds]) => `${accountId} is the result of ${requestIds.join(' and ')}`);
}

/** AWS allows five at a time; one that ends at the moment another begins makes no sixth. */
function mostInProgress({ requests, time }) {
  const changes = requests.flatMap(({ requestedAt, completedAt = time }) => [
    { at: requestedAt, by: 1 },
    { at: completedAt, by: -1 },
  ]);
  changes.sort((a, b) => a.at - b.at || a.by - b.by);
  let now = 0;
  let most = 0;
  for (const { by } of changes) {
    now += by;
    most = Math.max(most, now);
  }
  return most;
}

function listed(accounts) {
  return accounts.length === 0 ? 'no account' : accounts.map(({ id }) => id).join(' and ');
}

module.exports = { REQUEST_TAG, judge };
