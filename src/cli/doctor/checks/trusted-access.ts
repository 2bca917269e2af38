import { AwsCallError } from '../../aws';
import { isDenied } from '../aws-finding';
import type { Check, Finding, Level } from '../finding';
import type { Patient } from '../patient';

export const trustedAccessChecks: Check<Patient>[] = [
  { name: 'trusted access', group: 'Organization', needed: false, run: look },
];

const CONFIG = 'config-multiaccountsetup.amazonaws.com';
const ACCOUNT = 'account.amazonaws.com';

async function look(patient: Patient): Promise<Finding[]> {
  let services: string[];
  try {
    services = await patient.trustedServices();
  } catch (error) {
    if (!(error instanceof AwsCallError) || !isDenied(error.detail.name)) throw error;
    return [notTold(error)];
  }
  const { conformance, defaults } = patient.configuration;
  const asksForAccount = defaults.regions ?? defaults.alternateContacts;
  const wanted: [string, Level, string][] = [
    [CONFIG, conformance.allowNone ? 'warning' : 'stop', 'conformance packs of the organization'],
    [
      ACCOUNT,
      asksForAccount ? 'stop' : 'note',
      asksForAccount
        ? 'contacts and regions of the configuration'
        : 'requests that ask for alternate contacts or regions',
    ],
  ];
  const missing = wanted.filter(([service]) => !services.includes(service));
  if (missing.length > 0) return missing.map(missingAccess);
  const title = 'AWS Config and AWS Account Management have trusted access';
  return [{ id: 'trusted-access', level: 'ok', title, detail: `${CONFIG}, ${ACCOUNT}.` }];
}

function missingAccess([service, level, what]: [string, Level, string]): Finding {
  return {
    id: 'trusted-access-missing',
    level,
    title: `${service} has no trusted access in the organization`,
    detail: `Needed for ${what}.`,
    fix: `aws organizations enable-aws-service-access --service-principal ${service}`,
  };
}

/** No vend needs this call: that it is refused says nothing of vends. */
function notTold({ detail }: AwsCallError): Finding {
  return {
    id: 'trusted-access-not-told',
    level: 'note',
    title: 'which services have trusted access was not told',
    detail: `${detail.name}: ${detail.message}`,
    fix: 'Allow organizations:ListAWSServiceAccessForOrganization; only this look needs it.',
  };
}
