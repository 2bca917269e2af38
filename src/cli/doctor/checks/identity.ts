import { AwsCallError } from '../../aws';
import { isDenied } from '../aws-finding';
import type { Check, Finding } from '../finding';
import { assumeRoleLine, type Caller } from '../read-aws';
import type { Patient } from '../patient';

export const identityChecks: Check<Patient>[] = [
  { name: 'the credentials', group: 'AWS', needed: true, run: look },
];

/** A role of the configuration, and the key that names it. */
interface Role {
  arn: string;
  externalId: string | undefined;
  key: string;
}

/** Reads and writes may have a role each. */
async function look(patient: Patient): Promise<Finding[]> {
  const { managementRoleArn, readRoleArn, externalId } = patient.configuration.aws;
  const writes = managementRoleArn && {
    arn: managementRoleArn,
    externalId,
    key: 'aws.managementRoleArn',
  };
  const reads = readRoleArn && { arn: readRoleArn, externalId, key: 'aws.readRoleArn' };
  const first = await identityOf(patient.caller, reads || writes || undefined);
  if (!writes || !reads) return [first];
  return [first, await identityOf(patient.writer, writes)];
}

async function identityOf(ask: () => Promise<Caller>, role: Role | undefined): Promise<Finding> {
  try {
    const { accountId, principal } = await ask();
    return {
      id: 'identity',
      level: 'ok',
      title: `AWS knows us as ${principal} of account ${accountId}`,
      detail: role
        ? `By assuming ${role.arn} (${role.key}).`
        : "Found by the AWS SDK's own credential chain. The worker must find the same.",
    };
  } catch (error) {
    if (!role || !(error instanceof AwsCallError) || !isDenied(error.detail.name)) throw error;
    return {
      id: 'management-role-not-assumable',
      level: 'stop',
      title: `the role ${role.arn} cannot be assumed`,
      detail: `${role.key}. ${error.detail.name}: ${error.detail.message}`,
      fix: `Allow sts:AssumeRole on it to these credentials, and them in the role's trust policy (docs/iam has both). Try: ${assumeRoleLine({ roleArn: role.arn, externalId: role.externalId })}`,
    };
  }
}
