import { z } from 'zod';
import { ACCOUNT_ID, newAccessKeyId } from '../ids';
import { SESSION_DURATION_S } from '../limits';
import { pick } from '../random';
import type { Call } from '../wire/call';
import { AwsError } from '../wire/errors';
import { readInput } from '../wire/operation';
import type { XmlTree } from '../wire/query-protocol';
import { count, findAccount, type World } from '../world';

type StsOperation = (world: World, call: Call) => XmlTree;

const OPERATIONS: Record<string, StsOperation> = {
  GetCallerIdentity: getCallerIdentity,
  AssumeRole: assumeRole,
};

export function findStsOperation(name: string): StsOperation | undefined {
  return Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined;
}

interface Session {
  /** As GetCallerIdentity tells it: without the role's path. */
  arn: string;
  roleArn: string;
}

/** Who the keys of AssumeRole stand for; after a restart they are users like all others. */
const sessions = new WeakMap<World, Map<string, Session>>();

/** Whose policies count (`principal`), and how AWS calls the caller. */
export function callerOf(world: World, call: Call): { principal: string; arn: string } {
  const session = sessions.get(world)?.get(call.scope?.accessKeyId ?? '');
  if (session) return { principal: session.roleArn, arn: session.arn };
  const user = `arn:aws:iam::${call.callerAccountId}:user/simulator`;
  return { principal: user, arn: user };
}

function getCallerIdentity(world: World, call: Call): XmlTree {
  const account = call.callerAccountId;
  return {
    Arn: callerOf(world, call).arn,
    UserId: 'AIDASIMULATOR',
    Account: account,
  };
}

const assumeRoleInput = z.object({
  RoleArn: z.string().regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/),
  RoleSessionName: z
    .string()
    .min(2)
    .max(64)
    .regex(/^[\w+=,.@-]*$/),
  DurationSeconds: z.coerce
    .number()
    .int()
    .min(SESSION_DURATION_S.least)
    .max(SESSION_DURATION_S.most)
    .default(SESSION_DURATION_S.usual),
});

function assumeRole(world: World, call: Call): XmlTree {
  const input = readInput(assumeRoleInput, call.input, validationError);
  const [, , , , accountId = '', resource = ''] = input.RoleArn.split(':');
  const role = resource.slice('role/'.length);
  if (!mayAssume(world, accountId, role)) {
    throw new AwsError(
      'AccessDenied',
      `User: ${callerOf(world, call).arn} is not authorized to perform: ` +
        `sts:AssumeRole on resource: ${input.RoleArn}`,
      { status: 403 },
    );
  }
  const random = world.random.stream('session', count(world, 'session'));
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
  // Clients compare this with their own clock, whatever time it is in here: it is true time.
  const expires = new Date(Date.now() + input.DurationSeconds * 1000);
  const accessKeyId = newAccessKeyId(world, accountId);
  // The session's ARN leaves out the role's path.
  const arn = `arn:aws:sts::${accountId}:assumed-role/${role.split('/').at(-1)}/${input.RoleSessionName}`;
  const known = sessions.get(world) ?? new Map<string, Session>();
  sessions.set(world, known.set(accessKeyId, { arn, roleArn: input.RoleArn }));
  return {
    Credentials: {
      AccessKeyId: accessKeyId,
      SecretAccessKey: pick(random, letters, 40),
      SessionToken: pick(random, letters, 120),
      Expiration: expires.toISOString(),
    },
    AssumedRoleUser: {
      AssumedRoleId: `AROASIMULATOR:${input.RoleSessionName}`,
      Arn: arn,
    },
    PackedPolicySize: 0,
  };
}

/** A new account's role works minutes after the account exists, and only under its own name. */
function mayAssume(world: World, accountId: string, role: string): boolean {
  const account = ACCOUNT_ID.test(accountId) ? findAccount(world, accountId) : undefined;
  if (!account || account.usableAt > world.now() || account.state !== 'ACTIVE') return false;
  return account.roleName === undefined || account.roleName === role;
}

function validationError(issue: z.core.$ZodIssue): AwsError {
  const field = issue.path.map(String).join('.');
  return new AwsError('ValidationError', `Value at '${field}' is not valid: ${issue.message}`);
}
