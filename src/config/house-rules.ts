import type { FieldProblem, VendRequest } from '../contract';
import { isObject } from '../domain/shape';
import type { Configuration } from './configuration';
import type { Parsed } from './problems';
import { parseRequest } from './request';
import { MOST_TAGS } from './tags';

/** Every fault of a request, against AWS's rules and against this installation's; or the request as it was given. */
export function checkRequest(input: unknown, configuration: Configuration): Parsed<VendRequest> {
  const parsed = parseRequest(input);
  const problems = parsed.ok ? [] : [...parsed.problems];
  problems.push(...houseRuleProblems(soundPart(input, problems), configuration));
  return parsed.ok && problems.length === 0 ? parsed : { ok: false, problems };
}

/** What the rules of the house are about. */
type Judged = Pick<VendRequest, 'email' | 'tags'>;

/** Without what has a fault already: one is told of each. */
function soundPart(input: unknown, problems: readonly FieldProblem[]): Judged {
  if (!isObject(input)) return {};
  const { email, tags } = input;
  const isSound = (name: string) => !problems.some(({ field }) => field.startsWith(name));
  return {
    ...(typeof email === 'string' && isSound('email') ? { email } : {}),
    ...(isObject(tags) && isSound('tags') ? { tags: tags as Record<string, string> } : {}),
  };
}

/** What this installation's configuration demands of a request beyond what AWS does. */
function houseRuleProblems(request: Judged, configuration: Configuration): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const { allowedDomains } = configuration.email;
  const domain = request.email?.split('@')[1]?.toLowerCase();
  if (
    domain !== undefined &&
    allowedDomains.length > 0 &&
    !allowedDomains.some((allowed) => allowed.toLowerCase() === domain)
  ) {
    const message = `has a domain that the configuration does not allow; use one of: ${allowedDomains.join(', ')}`;
    problems.push({ field: 'email', message });
  }
  const merged = Object.keys({ ...configuration.tags, ...request.tags }).length;
  if (merged > MOST_TAGS) {
    const message = `make ${merged} together with the configuration's; use at most ${MOST_TAGS}`;
    problems.push({ field: 'tags', message });
  }
  return problems;
}
