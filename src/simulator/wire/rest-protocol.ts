import type { SimulatorKnobs } from '../knobs';
import type { Answer } from './call';
import type { AwsError } from './errors';

/** REST-JSON, as Account Management speaks it: `POST /putAlternateContact`, and codes that mean something. */
const NAMESPACE = 'com.amazonaws.account';
const CONTENT_TYPE = 'application/json';
const PATH = /^\/([a-z])([A-Za-z]+)$/;

/** Name of the operation behind a path; undefined where it is no path of this protocol. */
export function restOperation(method: string, url: string): string | undefined {
  const found = method === 'POST' ? PATH.exec(url) : null;
  return found ? `${found[1]?.toUpperCase()}${found[2]}` : undefined;
}

export function restAnswer(output: Record<string, unknown>): Answer {
  return {
    status: 200,
    contentType: CONTENT_TYPE,
    body: JSON.stringify(output),
    headers: {},
    output,
  };
}

/** The service model's codes; what API Gateway refuses in front of it is 403. */
const CODES: Record<string, number> = {
  AccessDeniedException: 403,
  ExpiredTokenException: 403,
  InvalidSignatureException: 403,
  MissingAuthenticationTokenException: 403,
  UnrecognizedClientException: 403,
  ResourceNotFoundException: 404,
  ConflictException: 409,
  TooManyRequestsException: 429,
  InternalFailure: 500,
  InternalServerException: 500,
};

export function restError(error: AwsError, knobs: SimulatorKnobs): Answer {
  const namespaced = knobs.errorTypes === 'namespaced' && !error.name.includes('#');
  const type = namespaced ? `${NAMESPACE}#${error.name}` : error.name;
  const bare = error.name.slice(error.name.lastIndexOf('#') + 1);
  const body = {
    __type: type,
    message: error.message,
    ...(error.reason !== undefined && { reason: error.reason }),
  };
  return {
    status: error.status ?? CODES[bare] ?? 400,
    contentType: CONTENT_TYPE,
    body: JSON.stringify(body),
    headers: { 'x-amzn-ErrorType': type },
  };
}
