import type { AwsError } from '../../domain/aws-error';
import { isThrottling } from '../../domain/dispositions';
import type { Finding } from './finding';

/** Every other call would fail the same way. */
const FIRST_CALLS = new Set(['GetCredentials', 'GetCallerIdentity', 'DescribeOrganization']);

const CREDENTIALS_REFUSED = new Set([
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidClientTokenId',
  'UnrecognizedClientException',
  'InvalidSignatureException',
  'SignatureDoesNotMatch',
  'IncompleteSignature',
  'MissingAuthenticationToken',
  'MissingAuthenticationTokenException',
  'InvalidAccessKeyId',
  'NotAuthorizedException',
]);

/** What the SDK says where the answer had no error that it could read. */
const NO_TEXT_OF_AWS = /^Unknown(?:Error)?$/;

const WHERE_CREDENTIALS_COME_FROM =
  'Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run where a role is attached; aws.managementRoleArn is assumed with what is found there.';

/**
 * What an error of AWS means here.
 * @param needed whether a vend would meet it too
 * @param where in which Region or account, where that is not plain
 */
export function awsFinding(error: AwsError, needed: boolean, where = ''): Finding {
  const { operation, name, message, outcome } = error;
  const level = needed ? 'stop' : 'warning';
  const said = `${name}: ${message}`;
  if (name === 'CredentialsProviderError' || name === 'TokenProviderError') {
    return {
      id: 'credentials-missing',
      level: 'stop',
      title: 'The AWS SDK finds no credentials',
      detail: message,
      fix: WHERE_CREDENTIALS_COME_FROM,
    };
  }
  if (CREDENTIALS_REFUSED.has(name)) {
    return {
      id: 'credentials-refused',
      level: 'stop',
      title: 'AWS refuses the credentials',
      detail: said,
      fix: 'Renew them (aws sso login, or new keys), and check this with: aws sts get-caller-identity',
    };
  }
  if (isDenied(name)) {
    return {
      id: 'permissions-missing',
      level,
      title: `AWS refuses ${operation}${where} to these credentials`,
      detail: said,
      fix: 'Allow it in their policy (docs/iam has them all), and in the service control policies above.',
    };
  }
  if (isThrottling(name)) {
    return {
      id: 'aws-throttled',
      level: 'warning',
      title: `AWS throttles ${operation}${where}`,
      detail: `${said}. Vends wait and repeat it; here it was not looked at.`,
      fix: 'Run this again in a minute. Where it lasts, find what else calls AWS so often.',
    };
  }
  // What has a name was answered by AWS; everything else is the network's, or a proxy's.
  const hasName = outcome === 'rejected' || /(?:Exception|Failure)$/.test(name);
  const isAnswered = hasName && !NO_TEXT_OF_AWS.test(message);
  if (!isAnswered) {
    const isAll = FIRST_CALLS.has(operation);
    return {
      id: isAll ? 'aws-unreachable' : 'aws-service-unreachable',
      level: isAll ? 'stop' : level,
      title: isAll ? 'AWS does not answer' : `AWS does not answer ${operation}${where}`,
      detail: said,
      fix: 'Check the network, proxies, AWS_REGION and AWS_ENDPOINT_URL; the worker needs the same way out.',
    };
  }
  return {
    id: 'aws-call-failed',
    level,
    title: `AWS answers ${operation}${where} with ${name}`,
    detail: said,
    fix: 'Run this again. Where it lasts, look up what AWS says; a vend would meet it too.',
  };
}

export function isDenied(name: string): boolean {
  return /AccessDenied|NotAuthorized|UnauthorizedOperation/.test(name);
}
