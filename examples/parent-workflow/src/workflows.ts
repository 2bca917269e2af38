import {
  CancellationScope,
  ParentClosePolicy,
  condition,
  continueAsNew,
  defineSignal,
  getExternalWorkflowHandle,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  Stage,
  TASK_QUEUE,
  WorkflowType,
  resolveSignal,
  vendWorkflowId,
} from 'account-vending/contract';
import type { VendNotice, VendRequest } from 'account-vending/contract';
import type { vendAccount } from 'account-vending/workflows';
import type * as activities from './activities';
import { ENVIRONMENTS } from './team';
import type { Environment, TeamRequest, TeamResult } from './team';

const { lookAtVend } = proxyActivities<typeof activities>({ startToCloseTimeout: '1 minute' });

/** Our own ear: `notifyWorkflow` of each request names it. */
const vendNotice = defineSignal<[VendNotice]>('vendNotice');

/** All that is remembered of one account: plain data, since it is handed on by continue-as-new. */
interface Account {
  environment: Environment;
  requestId: string;
  isStarted: boolean;
  /** What the vend said last. */
  notice?: VendNotice;
  /** The escalation that was looked after, by us or by leaving it to people. */
  seenEscalation?: string;
  spareEmails: string[];
  /** How it ended. */
  end?: activities.VendEnd;
}

/**
 * Vends three accounts for a team, each as a child workflow that outlives this one, and goes on without
 * those that come to nothing.
 *
 * A vend may wait for a person for weeks, so this may continue as new meanwhile; and the next run hears
 * nothing of children that an earlier one has started. So no run awaits `child.result()`: each learns of
 * an end in the one way that works for all of them. The vend says that it ends (a signal goes to the
 * workflow id, whichever run that is), and then an activity reads how. Whoever says nothing, because
 * somebody terminated it, is looked at now and then.
 */
export async function onboardTeam(team: TeamRequest, carried?: Account[]): Promise<TeamResult> {
  const accounts = carried ?? ENVIRONMENTS.map((environment) => newAccount(team, environment));
  // Before anything is awaited: a signal may be the first thing that a new run is told.
  setHandler(vendNotice, (notice) => {
    const account = accounts.find(({ requestId }) => requestId === notice.requestId);
    if (account) account.notice = notice;
  });

  let isCancelled = false;
  const cancelled = CancellationScope.current().cancelRequested;
  cancelled.catch(() => (isCancelled = true));

  // A cancellation would reach only the children of this run, so they are shielded and told below.
  await CancellationScope.nonCancellable(async () => {
    for (const account of accounts) if (!account.isStarted) await start(team, account);

    let isToldToEnd = false;
    while (accounts.some(isOpen)) {
      setCurrentDetails(pageOf(team, accounts));
      const hasNews = () => accounts.some(needsUs) || (isCancelled && !isToldToEnd);
      const isQuiet = !(await condition(hasNews, team.lookEvery ?? '1h'));

      if (isCancelled && !isToldToEnd) {
        isToldToEnd = true;
        await Promise.all(accounts.filter(isOpen).map(cancel));
      }
      for (const account of accounts.filter(isOpen)) {
        if (isEscalated(account)) await answer(account);
        if (isQuiet || isEnding(account)) await look(account);
      }
      // The run that was cancelled is the one that has to end so.
      if (workflowInfo().continueAsNewSuggested && !isCancelled && accounts.some(isOpen)) {
        await continueAsNew<typeof onboardTeam>(team, accounts);
      }
    }
    setCurrentDetails(pageOf(team, accounts));
  });

  // Throws: the vends have wound down, and this ends as cancelled.
  if (isCancelled) await cancelled;
  return resultOf(team, accounts);
}

function newAccount({ team, emails }: TeamRequest, environment: Environment): Account {
  return {
    environment,
    // Made of what it is about and never of chance: the same id means the same account, for ever.
    requestId: `${team}-${environment}`,
    isStarted: false,
    spareEmails: emails[environment].slice(1),
  };
}

async function start(team: TeamRequest, account: Account): Promise<void> {
  const { environment, requestId } = account;
  const { workflowId } = workflowInfo();
  const email = team.emails[environment][0];
  const request: VendRequest = {
    requestId,
    accountName: requestId,
    ...(email ? { email } : {}),
    tags: { team: team.team, environment },
    notifyWorkflow: { workflowId, signal: vendNotice.name },
  };
  try {
    await startChild<typeof vendAccount>(WorkflowType.vendAccount, {
      taskQueue: team.vendingQueue ?? TASK_QUEUE,
      workflowId: vendWorkflowId(requestId),
      args: [request],
      // Without it, the vend would be terminated when this workflow ends or continues as new, in
      // the midst of what AWS does.
      parentClosePolicy: ParentClosePolicy.ABANDON,
    });
  } catch (error) {
    // Somebody else has begun with it. It does not know us, but it is looked at.
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
  account.isStarted = true;
}

/** An address that is taken we answer ourselves. Everything else is left to people. */
async function answer(account: Account): Promise<void> {
  const escalation = account.notice?.escalation;
  if (!escalation) return;
  account.seenEscalation = escalation.id;
  if (escalation.reason !== 'EMAIL_ALREADY_EXISTS') return;
  const email = account.spareEmails.shift();
  if (email === undefined) return;
  const vend = getExternalWorkflowHandle(vendWorkflowId(account.requestId));
  // What does not fit any more changes nothing, since it names the escalation. That the vend is over
  // by now is found out elsewhere.
  await vend
    .signal(resolveSignal, {
      action: 'amend',
      changes: { email },
      escalationId: escalation.id,
      by: 'onboardTeam',
    })
    .catch(() => undefined);
}

async function look(account: Account): Promise<void> {
  const workflowId = vendWorkflowId(account.requestId);
  const end = await lookAtVend({ workflowId, isEnding: isEnding(account) });
  if (end) account.end = end;
  // Somebody has started it again: what it said is over.
  else if (isEnding(account)) delete account.notice;
}

/** It first follows what AWS has begun to its end, and says so like any other end. */
async function cancel({ requestId }: Account): Promise<void> {
  const vend = getExternalWorkflowHandle(vendWorkflowId(requestId));
  await vend.cancel().catch(() => undefined);
}

function isOpen({ end }: Account): boolean {
  return end === undefined;
}

function isEscalated({ notice, seenEscalation }: Account): boolean {
  return notice?.escalation !== undefined && notice.escalation.id !== seenEscalation;
}

const ENDS: readonly Stage[] = [Stage.done, Stage.failed, Stage.abandoned, Stage.cancelled];

function isEnding({ notice }: Account): boolean {
  return notice !== undefined && ENDS.includes(notice.stage);
}

function needsUs(account: Account): boolean {
  return isOpen(account) && (isEscalated(account) || isEnding(account));
}

/** For whoever looks at this workflow in the Web UI. Ids only: many can read it. */
function pageOf({ team }: TeamRequest, accounts: readonly Account[]): string {
  const ready = accounts.filter(({ end }) => end && !end.failure);
  return [
    `### ${team}: ${ready.length} of ${accounts.length} accounts are ready`,
    ...accounts.map((account) => `- \`${account.requestId}\`: ${lineOf(account)}`),
  ].join('\n');
}

function lineOf({ end, notice, requestId }: Account): string {
  if (end?.failure) return `ended as ${end.failure}; the team goes on without it`;
  if (end) return `ready, \`${end.accountId}\``;
  const { escalation } = notice ?? {};
  if (!escalation) return notice?.stage ?? 'under way';
  return `**needs a person: ${escalation.reason}** (\`vend show ${requestId}\` says what can be done)`;
}

function resultOf({ team }: TeamRequest, accounts: readonly Account[]): TeamResult {
  const result: TeamResult = { team, accounts: {}, without: [] };
  for (const { environment, end } of accounts) {
    const { failure, accountId } = end ?? {};
    // VendAbandoned: somebody decided so. The others, such as InvalidVendRequest, want mending; then
    // the same onboarding is started again, and finds the accounts that are there.
    if (failure) {
      result.without.push({ environment, failure, ...(accountId ? { accountId } : {}) });
    } else if (accountId) result.accounts[environment] = accountId;
  }
  return result;
}
