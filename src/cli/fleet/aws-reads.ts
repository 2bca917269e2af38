import { isThrottling } from '../../domain/dispositions';
import { describeAwsError, isSimulated } from '../aws';
import { CommandError, ExitStatus } from '../errors';

/** The SDK has repeated it a few times already, a second apart at most. */
const THROTTLED_WAITS_MS = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000];

/** One read of AWS, repeated while AWS refuses it for the moment. What it refuses for good is told. */
export async function readAws<T>(operation: string, send: () => Promise<T>): Promise<T> {
  for (const waitMs of [...THROTTLED_WAITS_MS, undefined]) {
    try {
      return await send();
    } catch (error) {
      const { name, message } = describeAwsError(operation, error);
      if (!isThrottling(name) || waitMs === undefined) throw refused(operation, name, message);
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
  throw new Error('not reached');
}

function refused(operation: string, name: string, message: string): CommandError {
  const said = message && message !== name ? `${name} (${message})` : name;
  return new CommandError(
    ExitStatus.unreachable,
    name === 'CredentialsProviderError'
      ? `No AWS credentials are there for ${operation}. ${advice(name)}`
      : `AWS answered ${operation} with ${said}. ${advice(name)}`,
  );
}

function advice(name: string): string {
  if (/Credential|Token|Signature|Expired/i.test(name)) {
    return 'Give the credentials that the worker uses: AWS_PROFILE, AWS_ACCESS_KEY_ID, …';
  }
  if (name === 'AWSOrganizationsNotInUseException') {
    return 'These credentials belong to an account without an organization.';
  }
  if (/AccessDenied/.test(name)) {
    return "Use the management account's credentials, or aws.managementRoleArn in the configuration; docs/iam has the permissions.";
  }
  return 'Check the network and AWS_ENDPOINT_URL, and try again.';
}

/**
 * Calls of one kind, evenly spaced: other tools share AWS's limits, and so does the worker that is
 * vending. A simulator on this machine is not spared.
 */
export class CallPace {
  readonly #everyMs: number;
  #freeAtMs = 0;

  constructor(perSecond: number) {
    this.#everyMs = isSimulated('ORGANIZATIONS') ? 0 : 1_000 / perSecond;
  }

  async turn(): Promise<void> {
    const now = performance.now();
    const at = Math.max(now, this.#freeAtMs);
    this.#freeAtMs = at + this.#everyMs;
    if (at > now) await new Promise((resolve) => setTimeout(resolve, at - now));
  }
}
