import { OwnReason } from '../../contract';
import type { Outcome } from '../../activities';
import { reasonOf } from '../../domain/aws-error';
import { READINESS_LOOKS } from '../../domain/pacing';
import type { Admission } from '../../domain/policy';
import { meansNotYet } from '../../domain/readiness';
import { world } from '../activity-proxies';
import { awaitAws, newWait } from '../steps/await-aws';
import type { Seen } from '../steps/await-aws';
import type { Vend } from '../vend';

/** The role that AWS makes where a request names none. */
const DEFAULT_ROLE = 'OrganizationAccountAccessRole';

const ADVICE =
  'The vend goes on by itself when AWS does. If it lasts: does the role exist and trust the management account, and may the worker assume it (sts:AssumeRole)? Retry waits as long again; waive goes on without it.';

/**
 * Waits until the account can be used, where the configuration asks for it: AWS says SUCCEEDED minutes,
 * at times hours, before a new account's role can be assumed and services answer in it.
 */
export async function ready(vend: Vend): Promise<void> {
  const { admission, memory } = vend;
  const { readiness } = admission;
  if (!readiness || memory.readied) return;
  vend.enter('readying');
  const { deadlineMs } = readiness;
  memory.readying ??= newWait(deadlineMs);
  await awaitAws(vend, {
    stage: 'readying',
    what: 'the account to be usable',
    progress: memory.readying,
    interval: READINESS_LOOKS,
    deadlineMs,
    overdue: { reason: OwnReason.READINESS_DEADLINE, advice: ADVICE },
    actions: ['retry', 'waive', 'abandon'],
    look: () => look(vend, readiness),
  });
  memory.readied = true;
}

async function look(
  vend: Vend,
  { region }: NonNullable<Admission['readiness']>,
): Promise<Outcome<Seen>> {
  const { accountId = '', readying } = vend.memory;
  const { requestId, roleName = DEFAULT_ROLE } = vend.admission.request;
  const outcome = await world.checkReadiness.executeWithOptions(
    { summary: `can ${accountId} be used, look ${readying?.looks}` },
    [{ organizationId: vend.organizationId, requestId, accountId, roleName, region }],
  );
  if (outcome.ok) return { ok: true, value: { is: 'done' } };
  const { error } = outcome;
  if (!meansNotYet(error)) return outcome;
  const said = `AWS said ${reasonOf(error)} to ${error.operation}`;
  return { ok: true, value: { is: 'waiting', for: said } };
}
