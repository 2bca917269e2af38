import { z } from 'zod';
import { AwsError } from '../wire/errors';
import type { XmlTree } from '../wire/query-protocol';
import { readInput } from '../wire/operation';
import type { Permissions } from './authorize';
import { allows, keysWanted, type Wanted } from './policy';

/**
 * What IAM says of calls that nobody makes: each action on each resource, with the condition keys that are given. Policies of
 * an identity alone; whoever has none may do everything, as with the calls themselves.
 * @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
 */
export function simulatePrincipalPolicy(
  permissions: Permissions | undefined,
  form: Record<string, unknown>,
): XmlTree {
  const { PolicySourceArn } = readInput(input, form, validationError);
  const actions = members(form, 'ActionNames');
  if (actions.length === 0) throw new AwsError('ValidationError', 'ActionNames must not be empty.');
  const resources = members(form, 'ResourceArns');
  const policies = permissions?.identities[PolicySourceArn];
  const context = contextOf(form);
  const results = actions.flatMap((action) =>
    (resources.length > 0 ? resources : ['*']).map((resource) => {
      const wanted: Wanted = { action, resource, context };
      const isAllowed = !policies || allows(policies, wanted);
      const missing = isAllowed ? [] : keysWanted(policies ?? [], wanted);
      return {
        EvalActionName: action,
        EvalResourceName: resource,
        EvalDecision: isAllowed ? 'allowed' : 'implicitDeny',
        MissingContextValues: { member: missing },
      };
    }),
  );
  return { IsTruncated: 'false', EvaluationResults: { member: results } };
}

const input = z.object({
  PolicySourceArn: z.string().regex(/^arn:aws[a-z-]*:iam::\d{12}:(?:role|user|group)\/.+$/),
});

/** `ActionNames.member.1` and so on, in their order. */
function members(form: Record<string, unknown>, name: string): string[] {
  const found: string[] = [];
  for (let n = 1; ; n += 1) {
    const value = form[`${name}.member.${n}`];
    if (typeof value !== 'string') return found;
    found.push(value);
  }
}

function contextOf(form: Record<string, unknown>): Record<string, string[]> {
  const context: Record<string, string[]> = {};
  for (let n = 1; ; n += 1) {
    const key = form[`ContextEntries.member.${n}.ContextKeyName`];
    if (typeof key !== 'string') return context;
    context[key] = members(form, `ContextEntries.member.${n}.ContextKeyValues`);
  }
}

function validationError(issue: z.core.$ZodIssue): AwsError {
  const field = issue.path.map(String).join('.');
  return new AwsError('ValidationError', `Value at '${field}' is not valid: ${issue.message}`);
}
