import { z } from 'zod';
import type { Permissions } from '../iam/authorize';
import { policySchema } from '../iam/policy';
import type { PermissionSetup } from '../types';

const permissions = z.strictObject({
  identities: z.record(z.string(), z.array(policySchema)).default({}),
  trust: z.record(z.string(), policySchema).default({}),
});

/** @throws where a policy uses what the simulator does not understand */
export function readPermissions(setup: PermissionSetup): Permissions {
  return permissions.parse(setup);
}
