import type { OrganizationConformancePackDetailedStatus } from '@aws-sdk/client-config-service';
import { epochSeconds, type Wire } from '../wire/call';
import type { PackState, World } from '../world';
import { configOperation, configPage } from './config-operation';
import { knownPack } from './packs';
import type { PackRow } from './row-outcome';
import { countLook, coveredAccounts, rowAt } from './rows';
import * as schemas from './schemas';

export const getDetailedStatus = configOperation(
  schemas.detailedStatusInput,
  (world, input, call) => {
    const pack = knownPack(world, call, input.OrganizationConformancePackName);
    const { AccountId, Status } = input.Filters ?? {};
    const wanted = (row: PackRow) => Status === undefined || row.status === Status;
    const rows = rowsOf(world, pack, AccountId, input.NextToken === undefined).filter(wanted);
    const list = `${call.operation}?${call.region}/${pack.name}/${AccountId ?? ''}/${Status ?? ''}`;
    return configPage(
      world,
      rows,
      { ...input, list },
      'OrganizationConformancePackDetailedStatuses',
      (row) => rowView(pack, row),
    );
  },
);

function rowsOf(
  world: World,
  pack: PackState,
  accountId: string | undefined,
  isFirstPage: boolean,
): PackRow[] {
  const accounts = coveredAccounts(world, pack).filter(
    ({ id }) => accountId === undefined || id === accountId,
  );
  if (isFirstPage) for (const { id } of accounts) countLook(world, pack, id);
  return accounts.flatMap((account) => rowAt(world, pack, account, world.now()) ?? []);
}

/** The pack's name in the account is made by AWS; its form is not documented. */
function rowView(
  pack: PackState,
  { accountId, status, error, updatedAt }: PackRow,
): Wire<OrganizationConformancePackDetailedStatus> {
  const view = {
    AccountId: accountId,
    ConformancePackName: `OrgConformsPack-${pack.name}-${pack.suffix}`,
    Status: status,
    LastUpdateTime: epochSeconds(updatedAt),
    ...(error && { ErrorCode: error.errorCode, ErrorMessage: error.errorMessage }),
  };
  // A status may be set that no model knows.
  return view as Wire<OrganizationConformancePackDetailedStatus>;
}
