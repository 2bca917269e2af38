import { AwsCallError } from '../../aws';
import { isDenied } from '../aws-finding';
import type { Check, Finding } from '../finding';
import type { Patient } from '../patient';

export const identityChecks: Check<Patient>[] = [
  { name: 'the credentials', group: 'AWS', needed: true, run: look },
];

async function look(patient: Patient): Promise<Finding[]> {
  const { managementRoleArn } = patient.configuration.aws;
  try {
    const { accountId, principal } = await patient.caller();
    return [
      {
        id: 'identity',
        level: 'ok',
        title: `AWS knows us as ${principal} of account ${accountId}`,
        detail: managementRoleArn
          ? `By assuming ${managementRoleArn} (aws.managementRoleArn).`
          : "Found by the AWS SDK's own credential chain. The worker must find the same.",
      },
    ];
  } catch (error) {
    const isOfRole =
      error instanceof AwsCallError &&
      managementRoleArn !== undefined &&
      isDenied(error.detail.name);
    if (!isOfRole) throw error;
    return [
      {
        id: 'management-role-not-assumable',
        level: 'stop',
        title: `the role ${managementRoleArn} cannot be assumed`,
        detail: `${error.detail.name}: ${error.detail.message}`,
        fix: `Allow sts:AssumeRole on it to these credentials, and them in the role's trust policy (with aws.externalId, where it asks for one). Try: aws sts assume-role --role-arn ${managementRoleArn} --role-session-name doctor`,
      },
    ];
  }
}
