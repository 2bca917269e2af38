import type { FieldProblem, VendRequest } from '../contract';
import type { Configuration } from './configuration';
import { MOST_TAGS } from './tags';

/** What this installation's configuration demands of a request beyond what AWS does. */
export function houseRuleProblems(
  request: VendRequest,
  configuration: Configuration,
): FieldProblem[] {
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
