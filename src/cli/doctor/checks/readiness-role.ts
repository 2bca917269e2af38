import type { Account } from '@aws-sdk/client-organizations';
import { AwsCallError } from '../../aws';
import { needs, type Check, type Finding } from '../finding';
import type { Patient } from '../patient';
import { tryRole } from '../read-aws';

export const readinessRoleChecks: Check<Patient>[] = [
  { name: 'the role in new accounts', group: 'Organization', needed: false, run: look },
];

const USUAL_ROLE = 'OrganizationAccountAccessRole';

/** What stage `readying` does in a new account is tried in the newest that AWS created. */
async function look(patient: Patient): Promise<Finding[]> {
  const { readiness, defaults } = patient.configuration;
  if (!readiness.assumeRole) return [];
  const { accounts } = await needs(patient.accounts(), 'The accounts could not be listed.');
  const roleName = defaults.roleName ?? USUAL_ROLE;
  const newest = newestCreated(accounts);
  if (!newest) {
    const title = `whether ${roleName} can be assumed in a new account was not tried`;
    const detail = 'No account was created in this organization yet: only the first vend tells.';
    return [{ id: 'readiness-role-not-tried', level: 'note', title, detail }];
  }
  const { partition } = await patient.caller();
  const roleArn = `arn:${partition}:iam::${newest}:role/${roleName}`;
  try {
    await tryRole(patient.aws.writersFor(), { roleArn });
    const title = `${roleName} can be assumed in account ${newest}, the newest`;
    const detail = 'readiness.assumeRole waits for the same in each new account.';
    return [{ id: 'readiness-role', level: 'ok', title, detail }];
  } catch (error) {
    if (!(error instanceof AwsCallError)) throw error;
    const { name, message } = error.detail;
    return [
      {
        id: 'readiness-role-not-assumable',
        level: 'warning',
        title: `${roleName} cannot be assumed in account ${newest}, the newest`,
        detail: `${name}: ${message}. Where that account has the role, readiness.assumeRole would make every vend wait in vain, until readiness.deadline asks a person.`,
        fix: `Allow sts:AssumeRole on arn:${partition}:iam::*:role/${roleName} to these credentials (docs/iam/write/readiness.json).`,
      },
    ];
  }
}

/** An account that was invited has no such role; one that was closed lets nobody in. */
function newestCreated(accounts: readonly Account[]): string | undefined {
  const created = accounts.filter(
    ({ JoinedMethod, State, Status }) =>
      JoinedMethod === 'CREATED' && (State ?? Status) === 'ACTIVE',
  );
  created.sort((a, b) => (b.JoinedTimestamp?.getTime() ?? 0) - (a.JoinedTimestamp?.getTime() ?? 0));
  return created[0]?.Id;
}
