import { AwsCallError } from '../../aws';
import type { Check, Finding } from '../finding';
import type { Patient } from '../patient';

export const organizationChecks: Check<Patient>[] = [
  { name: 'the organization', group: 'Organization', needed: true, run: look },
];

async function look(patient: Patient): Promise<Finding[]> {
  try {
    const { id, featureSet, managementAccountId } = await patient.organization();
    const faults: Finding[] = [];
    // Where the caller is not known, the check of the credentials says so.
    const caller = await patient.caller().catch(() => undefined);
    if (caller && caller.accountId !== managementAccountId) {
      faults.push(notManagement(caller.accountId, managementAccountId ?? 'unknown'));
    }
    if (featureSet !== 'ALL') faults.push(notAllFeatures(id, featureSet ?? 'unknown'));
    if (faults.length > 0) return faults;
    return [
      {
        id: 'organization',
        level: 'ok',
        title: `organization ${id}, all features, seen from its management account`,
        detail: `Management account ${managementAccountId}.`,
      },
    ];
  } catch (error) {
    const isNone =
      error instanceof AwsCallError && error.detail.name === 'AWSOrganizationsNotInUseException';
    if (!isNone) throw error;
    return [
      {
        id: 'organization-missing',
        level: 'stop',
        title: 'this account is in no organization',
        detail: error.detail.message,
        fix: "Use the management account's credentials, or make an organization: aws organizations create-organization --feature-set ALL",
      },
    ];
  }
}

function notManagement(accountId: string, managementAccountId: string): Finding {
  return {
    id: 'not-management-account',
    level: 'stop',
    title: `account ${accountId} is not the management account`,
    detail: `That is ${managementAccountId}; AWS lets nobody else create accounts.`,
    fix: `Use its credentials, or set aws.managementRoleArn to a role there, such as arn:aws:iam::${managementAccountId}:role/Vending`,
  };
}

function notAllFeatures(id: string, featureSet: string): Finding {
  return {
    id: 'not-all-features',
    level: 'stop',
    title: `organization ${id} has the features ${featureSet}, not ALL`,
    detail: 'Conformance packs, contacts and regions of members need all features.',
    fix: 'aws organizations enable-all-features (every invited account must agree; it cannot be taken back)',
  };
}
