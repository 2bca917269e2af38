import type { SimulatorKnobs } from '../knobs';
import type { Answer, ServiceName } from './call';
import { type AwsError, httpStatus } from './errors';

/** AWS JSON 1.1: `X-Amz-Target: <prefix>.<Operation>`. */
export const TARGET_PREFIXES: Record<string, ServiceName> = {
  AWSOrganizationsV20161128: 'organizations',
  StarlingDoveService: 'config',
};

const NAMESPACES: Record<Exclude<ServiceName, 'account'>, string> = {
  organizations: 'com.amazonaws.organizations.v20161128',
  config: 'com.amazonaws.starlingdove.v20141112',
  sts: 'com.amazonaws.sts',
  iam: 'com.amazonaws.iam',
};

const CONTENT_TYPE = 'application/x-amz-json-1.1';

export function jsonAnswer(output: Record<string, unknown>): Answer {
  return {
    status: 200,
    contentType: CONTENT_TYPE,
    body: JSON.stringify(output),
    headers: {},
    output,
  };
}

export function jsonError(
  service: Exclude<ServiceName, 'account'>,
  error: AwsError,
  knobs: SimulatorKnobs,
): Answer {
  const namespaced = knobs.errorTypes === 'namespaced' && !error.name.includes('#');
  const body = {
    __type: namespaced ? `${NAMESPACES[service]}#${error.name}` : error.name,
    [knobs.errorMessageKey]: error.message,
    ...(error.reason !== undefined && { Reason: error.reason }),
  };
  return {
    status: error.status ?? httpStatus(error.name, knobs.errorCodes),
    contentType: CONTENT_TYPE,
    body: JSON.stringify(body),
    headers: {},
  };
}
