import type { World } from '../world';
import { constraintViolation } from '../wire/errors';
import { operation } from '../wire/operation';
import { listPage } from './list-page';
import * as schemas from './schemas';

/** Which services may act in all accounts: the knobs say so. */
export const listServiceAccess = operation(schemas.listInput, (world, input) => {
  if (world.data.organization.featureSet !== 'ALL') {
    throw constraintViolation(
      'ORGANIZATION_NOT_IN_ALL_FEATURES_MODE',
      'The organization must have all features enabled.',
    );
  }
  const list = 'ListAWSServiceAccessForOrganization';
  return listPage(world, enabled(world), { ...input, list }, 'EnabledServicePrincipals', show);
});

interface Trusted {
  sequence: number;
  principal: string;
  since: number;
}

function enabled(world: World): Trusted[] {
  const { accountTrustedAccess, configTrustedAccess } = world.data.knobs;
  const principals = [
    ...(accountTrustedAccess ? ['account.amazonaws.com'] : []),
    ...(configTrustedAccess ? ['config-multiaccountsetup.amazonaws.com'] : []),
  ];
  const since = world.data.accounts[0]?.joinedAt ?? 0;
  return principals.map((principal, index) => ({ sequence: index + 1, principal, since }));
}

function show({ principal, since }: Trusted): object {
  return { ServicePrincipal: principal, DateEnabled: since / 1000 };
}
