import type { AwsClients } from '../aws/clients';
import type { Configuration } from '../config';

/** What the activities are made with: see `createActivities`. */
export interface ActivityDeps {
  aws: AwsClients;
  configuration: Configuration;
}
