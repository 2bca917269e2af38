import type { AwsClients } from '../aws/clients';
import type { Configuration } from '../config';

/** What the activities are made with: see `createActivities`. */
export interface ActivityDeps {
  aws: AwsClients;
  configuration: Configuration;
  /** Time between two calls of AWS Config in a Region; default: a second. Shorter is for simulators. */
  configEveryMs?: number | undefined;
}
