import type { z } from 'zod';
import type { FieldProblem } from '../contract';
import { TASK_QUEUE } from '../contract';
import { isObject } from '../domain/shape';
import { bounded, organizationalUnit } from './fields';
import { problemsOf, withoutRepeats, type Parsed } from './problems';
import { duration, fields, text, truth, wholeNumber } from './schema';
import { aws, conformance, creation, defaults, email, escalation } from './sections';
import { tags } from './tags';

/** Every section may be left out; every field has a default. */
export const configurationShape = fields(
  {
    taskQueue: bounded('a task queue', 200)
      .default(TASK_QUEUE)
      .describe('Task queue of the worker; one per organization.'),
    installation: text('a name such as emea')
      .regex(
        /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/,
        'must be 1-63 letters, digits, dots, hyphens and underscores, with a letter or digit at either end',
      )
      .optional()
      .describe('A name, where several installations share an organization; goes into the tag.'),
    aws: aws.prefault({}).describe('How the worker reaches AWS.'),
    defaults: defaults.prefault({}).describe('For requests that leave these fields out.'),
    email: email.prefault({}).describe('Which addresses are accepted.'),
    creation: creation.prefault({}).describe('How accounts are created.'),
    approval: fields({
      required: truth().default(false).describe('Whether a person must approve each vend first.'),
      expiresAfter: duration().prefault('7d').describe('After this long the request expires.'),
      allowRequester: truth()
        .default(false)
        .describe('Whether the approval of the one who asked for the account counts.'),
    })
      .prefault({})
      .describe('Approval before anything is created.'),
    placement: fields({
      organizationalUnit: organizationalUnit()
        .optional()
        .describe('Where accounts stand that name no place. Default: the root.'),
    })
      .prefault({})
      .describe('Where accounts are placed.'),
    readiness: fields({
      assumeRole: truth()
        .default(false)
        .describe(
          'Whether to wait until the role in the account can be assumed and AWS Config answers there.',
        ),
      deadline: duration().prefault('2h').describe('After this long a person is asked.'),
    })
      .prefault({})
      .describe('Waiting until the account can be used.'),
    tags: tags().default({}).describe('Tags added to every account.'),
    conformance: conformance.prefault({}).describe('Waiting for conformance packs.'),
    escalation: escalation.prefault({}).describe('How people are told.'),
    worker: fields({
      maxCachedWorkflows: wholeNumber(10, 100_000)
        .optional()
        .describe(
          "Workflows that the worker keeps in memory, about a MiB each; what is not there is read again from its history. Default: by the size of Node's heap, as the SDK has it, and at most 1200.",
        ),
    })
      .prefault({})
      .describe('What the worker takes of its machine.'),
  },
  'an object with sections such as creation and conformance',
).meta({
  title: 'Configuration',
  description: 'What the worker of account-vending reads at its start. Everything has a default.',
});

/** The configuration with all defaults; durations are milliseconds. */
export type Configuration = z.output<typeof configurationShape>;

export function parseConfiguration(input: unknown): Parsed<Configuration> {
  const given = withoutEmpty(input ?? {});
  const shaped = configurationShape.safeParse(given);
  const problems = withoutRepeats(
    shaped.success
      ? [...intervalFaults(shaped.data), ...roleFaults(shaped.data)]
      : problemsOf(shaped.error.issues),
  );
  if (!shaped.success || problems.length > 0) return { ok: false, problems };
  return { ok: true, value: shaped.data };
}

/**
 * A key with nothing behind it, such as `installation:`, counts as left out. Not among tags, where
 * it would silently drop one.
 */
function withoutEmpty(value: unknown): unknown {
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, entry]) => entry !== null)
      .map(([key, entry]) => [key, key === 'tags' ? entry : withoutEmpty(entry)]),
  );
}

function intervalFaults({ creation: create, conformance: conform }: Configuration): FieldProblem[] {
  const intervals = {
    'creation.poll.max': create.poll,
    'creation.retry.max': create.retry,
    'conformance.poll.max': conform.poll,
  };
  return Object.entries(intervals)
    .filter(([, { initial, max }]) => max < initial)
    .map(([field]) => ({ field, message: 'is shorter than initial; make it at least as long' }));
}

/** Reads tell which organization it is; writes must go to the same one. */
function roleFaults({ aws: { managementRoleArn, readRoleArn } }: Configuration): FieldProblem[] {
  if (readRoleArn === undefined) return [];
  const field = 'aws.readRoleArn';
  if (managementRoleArn === undefined) {
    const message =
      'needs aws.managementRoleArn beside it: the role that writes, in the same account';
    return [{ field, message }];
  }
  const [reads = '', writes = ''] = [readRoleArn, managementRoleArn].map(
    (arn) => arn.split(':')[4],
  );
  if (reads === writes) return [];
  const message = `is in account ${reads}, and aws.managementRoleArn in ${writes}; both must be in the management account`;
  return [{ field, message }];
}
