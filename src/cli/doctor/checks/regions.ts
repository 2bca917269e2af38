import { ListRegionsCommand } from '@aws-sdk/client-account';
import { AwsCallError, call, listAll } from '../../aws';
import type { Check, Finding } from '../finding';
import type { Patient } from '../patient';

export const regionChecks: Check<Patient>[] = [
  { name: 'the regions of the configuration', group: 'AWS', needed: false, run: look },
];

const ENABLED = new Set(['ENABLED', 'ENABLED_BY_DEFAULT']);

async function look(patient: Patient): Promise<Finding[]> {
  await patient.managed();
  const { conformance, defaults } = patient.configuration;
  const optIn = defaults.regions ?? [];
  const named = [...new Set([...conformance.regions, ...optIn])];
  let status: Map<string, string>;
  try {
    status = await readRegions(patient);
  } catch (error) {
    if (!(error instanceof AwsCallError)) throw error;
    return [notTold(named, error)];
  }
  const unknown = named.filter((region) => !status.has(region));
  const disabled = conformance.regions.filter(
    (region) => status.has(region) && !ENABLED.has(status.get(region) ?? ''),
  );
  const faults = [
    ...unknown.map((region) => unknownRegion(region, optIn.includes(region))),
    ...disabled.map(disabledRegion),
  ];
  if (faults.length > 0) return faults;
  const title = `the regions of the configuration exist: ${named.join(', ')}`;
  return [{ id: 'regions', level: 'ok', title, detail: 'As AWS Account Management lists them.' }];
}

/** Of the management account itself. */
async function readRegions({ aws }: Patient): Promise<Map<string, string>> {
  const regions = await listAll(async (token) => {
    const page = await call('ListRegions', () =>
      aws.account.send(new ListRegionsCommand({ NextToken: token })),
    );
    return { items: page.Regions, token: page.NextToken };
  });
  return new Map(
    regions.map(({ RegionName = '', RegionOptStatus = '' }) => [RegionName, RegionOptStatus]),
  );
}

function unknownRegion(region: string, isOptIn: boolean): Finding {
  const field = isOptIn ? 'defaults.regions' : 'conformance.regions';
  return {
    id: 'region-unknown',
    level: 'stop',
    title: `${field} names ${region}, which AWS does not know`,
    detail: 'Each vend that does not name regions of its own would ask a person.',
    fix: `Mend ${field}; aws account list-regions shows those there are.`,
  };
}

function disabledRegion(region: string): Finding {
  return {
    id: 'region-disabled',
    level: 'stop',
    title: `conformance.regions names ${region}, which the management account has not enabled`,
    detail: 'AWS Config answers nobody of an account in a region that is not enabled there.',
    fix: `aws account enable-region --region-name ${region} (with credentials of the management account)`,
  };
}

/** No vend needs this call: that it is refused says nothing of vends. */
function notTold(named: readonly string[], { detail }: AwsCallError): Finding {
  return {
    id: 'regions-not-told',
    level: 'note',
    title: `whether ${named.join(', ')} exist was not told`,
    detail: `${detail.name}: ${detail.message}`,
    fix: 'Allow account:ListRegions; only this look needs it.',
  };
}
