import type { SimulatorKnobs } from '../knobs';
import type { Answer, ServiceName } from './call';
import type { AwsError } from './errors';
import { jsonError } from './json-protocol';
import { queryError } from './query-protocol';
import { restError } from './rest-protocol';

/** An error in the protocol of its service. */
export function errorAnswer(
  service: ServiceName,
  error: AwsError,
  knobs: SimulatorKnobs,
  requestId: string,
): Answer {
  switch (service) {
    case 'sts':
    case 'iam':
      return queryError(error, requestId);
    case 'account':
      return restError(error, knobs);
    default:
      return jsonError(service, error, knobs);
  }
}
