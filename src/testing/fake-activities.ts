import { activityInfo, getClient } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { approveUpdate, rejectUpdate, resolveUpdate, stateQuery } from '../contract';
import type { ApprovalVerdict, Resolution, VendRequest } from '../contract';
import type { Activities } from '../activities';
import { parseConfiguration, parseRequest, toPolicy } from '../config';
import type { RunOfRequest } from '../domain/earlier-run';
import type { Admission, ContactType } from '../domain/policy';
import type { FakeVends, KnownVend } from './fake-vends';
import { FAKE_ORGANIZATION_ID, FAKE_ROOT_ID, unitOf } from './made-up';
import type { FakeAccount } from './made-up';
import type { Script } from './script';

/** What the fake workflow is told at its start. */
export interface Brief {
  script: Script;
  account: FakeAccount;
  /** Whether the namespace has our search attributes. */
  hasSearchAttributes: boolean;
}

/** A person of the script. */
export type ScriptedAnswer =
  { resolve: Resolution } | { approve: ApprovalVerdict } | { reject: ApprovalVerdict };

/**
 * What the fake asks the test's own process. The activities of the real vend are answered as an AWS
 * would at which everything succeeds; what goes wrong is in the script.
 */
export function createFakeActivities(vends: FakeVends, hasSearchAttributes: boolean) {
  const ours = () => vends.of(activityInfo().workflowExecution?.runId);
  return {
    async beginFakeVend(input: { request: VendRequest; startedAt: string }): Promise<Brief> {
      const { workflowId = '', runId = '' } = activityInfo().workflowExecution ?? {};
      try {
        const { script, account } = await vends.begin({ ...input, workflowId, runId });
        return { script, account, hasSearchAttributes };
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        throw ApplicationFailure.nonRetryable(`The fake vending: ${why}`, 'FakeVendingScript');
      }
    },

    /** The request id of a vend under way that has the same address and goes first. */
    async whoHasTheAddress(): Promise<string | undefined> {
      const vend = ours();
      const ended = new Set<KnownVend>();
      while (!vend.holdsAddress) {
        // Others come while one is asked after: it is had in the same moment in which nobody is left.
        const [first] = vends.firstWithAddress(vend).filter((other) => !ended.has(other));
        if (!first) vend.holdsAddress = true;
        else if ((await statusOf(first)) === 'RUNNING') return first.requestId;
        else ended.add(first);
      }
      return undefined;
    },

    /** As people answer: by the same update. What is refused ends the vend, and the test hears why. */
    async answerAsScripted(answer: ScriptedAnswer): Promise<void> {
      const { workflowId = '', runId } = activityInfo().workflowExecution ?? {};
      const handle = getClient().workflow.getHandle(workflowId, runId);
      try {
        if ('resolve' in answer)
          await handle.executeUpdate(resolveUpdate, { args: [answer.resolve] });
        else if ('approve' in answer) {
          await handle.executeUpdate(approveUpdate, { args: [answer.approve] });
        } else await handle.executeUpdate(rejectUpdate, { args: [answer.reject] });
      } catch (error) {
        const { cause, message } = error as Error;
        const why = cause instanceof Error ? cause.message : message;
        await handle.terminate(`the fake vending: the scripted answer was refused: ${why}`);
      }
    },

    async cancelAsScripted(): Promise<void> {
      const { workflowId = '', runId } = activityInfo().workflowExecution ?? {};
      await getClient().workflow.getHandle(workflowId, runId).cancel();
    },

    ...amongOurs(vends, ours),
    ...harmless(),
  };
}

/** What depends on the vend that asks. */
function amongOurs(vends: FakeVends, ours: () => KnownVend) {
  return {
    async admit({ request, scope }) {
      const { script } = ours();
      const { refusal } = script;
      if (refusal?.type === 'InvalidVendRequest') {
        const problems = refusal.problems ?? [
          { field: 'organizationalUnit', message: 'does not exist (the test says so)' },
        ];
        return { ok: true, value: { admitted: false, problems } };
      }
      const parsed = parseRequest(request);
      if (!parsed.ok) return { ok: true, value: { admitted: false, problems: parsed.problems } };
      const admission = admissionOf(parsed.value, script, scope === 'all');
      return { ok: true, value: { admitted: true, admission } };
    },
    // There is no gate: nothing waits for its turn here.
    async tellGate() {},
    async listEarlierRuns() {
      const runs: RunOfRequest[] = [];
      for (const vend of vends.before(ours())) {
        const { workflowId, runId, account, exists } = vend;
        const status = await statusOf(vend);
        if (status === undefined) continue;
        const { accountId } = account;
        runs.push({ workflowId, runId, status, ...(exists ? { accountId } : {}) });
      }
      return runs;
    },
    async readRun({ workflowId, runId }) {
      const { request } = vends.of(runId);
      const handle = getClient().workflow.getHandle(workflowId, runId);
      const { createAccountRequestIds } = await handle.query(stateQuery);
      return { requests: [request], createAccountRequestIds };
    },
    async describeCreateAccountStatus({ createAccountRequestId }) {
      const vend = ours();
      vend.exists = true;
      return {
        ok: true,
        value: { id: createAccountRequestId, state: 'SUCCEEDED', ...vend.account },
      };
    },
    async placeAccount() {
      ours().exists = true;
      return { ok: true, value: { is: 'placed' } };
    },
    async locateAccount() {
      return { ok: true, value: FAKE_ROOT_ID };
    },
    async inspectAccount() {
      return { ok: true, value: { fits: true, tagged: true } };
    },
    async tagAccount({ accountId }) {
      const vend = ours();
      vend.exists = true;
      vend.account.accountId = accountId;
      return { ok: true, value: {} };
    },
  } satisfies Partial<Activities>;
}

/** What succeeds, and is nobody's concern. */
function harmless() {
  return {
    async putAlternateContacts() {
      return { ok: true, value: [] };
    },
    async checkReadiness() {
      return { ok: true, value: 'ready' };
    },
    async lookAtRegions({ regions }) {
      return { ok: true, value: regions.map((region) => ({ region, status: 'ENABLED' })) };
    },
    async enableRegions({ regions }) {
      return { ok: true, value: regions };
    },
    async startNotification() {},
  } satisfies Partial<Activities>;
}

async function statusOf({ workflowId, runId }: KnownVend): Promise<string | undefined> {
  try {
    return (await getClient().workflow.getHandle(workflowId, runId).describe()).status.name;
  } catch {
    return undefined;
  }
}

const DEFAULT_PACKS = ['Security-Baseline'];
const DEFAULT_REGION = 'us-east-1';

function admissionOf(request: VendRequest, script: Script, isNew: boolean): Admission {
  const { approval, result } = script;
  const { requestId, kind = 'standard', existingAccountId, accountName, email } = request;
  const contacts = Object.keys(request.alternateContacts ?? {}) as ContactType[];
  const regions = request.regions ?? [];
  const isReadied = script.acts.some(({ stage }) => stage === 'readying');
  const isSettled = script.acts.some(({ stage }) => stage === 'settling');
  const asked = request.conformance === false ? undefined : (request.conformance ?? {});
  return {
    request: {
      requestId,
      kind,
      ...(existingAccountId ? { existingAccountId } : {}),
      ...(accountName ? { accountName } : {}),
      ...(email ? { email } : {}),
      tags: { ...request.tags },
    },
    policy: {
      ...POLICY,
      ...(approval
        ? { approval: { expiresAfterMs: approval.expiresAfterMs, allowRequester: false } }
        : {}),
    },
    organizationId: result.organizationId ?? request.organizationId ?? FAKE_ORGANIZATION_ID,
    rootId: FAKE_ROOT_ID,
    organizationalUnitId: result.organizationalUnitId ?? unitOf(request.organizationalUnit),
    ...(isReadied ? { readiness: { region: DEFAULT_REGION, deadlineMs: 2 * HOUR_MS } } : {}),
    ...(contacts.length + regions.length > 0 || isSettled
      ? { settling: { contacts, regions } }
      : {}),
    conformance: {
      required: asked && isNew ? packsOf(asked) : [],
      scope: asked?.scope ?? 'account',
      deadlineMs: 8 * HOUR_MS,
    },
  };
}

const HOUR_MS = 3_600_000;

function packsOf({
  packs = 'all',
  regions = [DEFAULT_REGION],
}: {
  packs?: 'all' | string[];
  regions?: string[];
}) {
  const names = packs === 'all' ? DEFAULT_PACKS : packs;
  return names.flatMap((name) => {
    const [region, pack] = name.includes('/') ? name.split('/') : [undefined, name];
    return (region ? [region] : regions).map((one) => ({ region: one, pack: pack ?? name }));
  });
}

/** The configuration's defaults, with looks that follow each other closely. */
const POLICY = policy();

function policy() {
  const parsed = parseConfiguration({ creation: { poll: { initial: '10ms', max: '10ms' } } });
  if (!parsed.ok) throw new Error('the configuration of the fake is wrong');
  return toPolicy(parsed.value);
}
