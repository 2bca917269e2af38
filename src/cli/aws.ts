import { createAwsClients, type AwsClients, type AwsPatience } from '../aws/clients';
import { isLoopbackUrl, type Configuration } from '../config';

/**
 * The one door of commands to AWS: clients as the configuration has them, and the reading parts of
 * the activities.
 */
export type { AwsClients } from '../aws/clients';
export { COMMON_SESSION } from '../aws/sessions';
export { describeAwsError } from '../aws/errors';
export { accountById, stateOf } from '../activities/accounts';
export { AwsCallError, call, listAll, listPages } from '../activities/aws-calls';
export type { FetchPage } from '../activities/aws-calls';
export { ConfigPace } from '../activities/config-pace';
export { PackCatalogue } from '../activities/conformance-packs';
export { proofTag } from '../activities/find-account';
export { findOrganizationalUnit } from '../activities/organizational-units';
export { PackReader, ownerOf } from '../activities/pack-reader';
export { parentOf } from '../activities/place-account';

/** Whether a service is asked on this machine, where nobody else needs its rates. */
export function isSimulated(service: string): boolean {
  const { env } = process;
  return isLoopbackUrl(env[`AWS_ENDPOINT_URL_${service}`] || env['AWS_ENDPOINT_URL'] || '');
}

/** A person waits for it. */
const PATIENCE: AwsPatience = { requestTimeoutMs: 4_000, attempts: 2 };

/** Gives clients to `use`, and closes their connections afterwards. */
export async function withAws<T>(
  { aws: settings }: Configuration,
  use: (aws: AwsClients) => Promise<T>,
): Promise<T> {
  // For those who maintain this package; whoever types a command can do nothing about it.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  const aws = createAwsClients(settings, PATIENCE);
  try {
    return await use(aws);
  } finally {
    aws.destroy();
  }
}
