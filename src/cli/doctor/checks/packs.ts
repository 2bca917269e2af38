import {
  AwsCallError,
  ConfigPace,
  PackCatalogue,
  PackReader,
  isSimulated,
  ownerOf,
} from '../../aws';
import { awsFinding } from '../aws-finding';
import type { Check, Finding } from '../finding';
import type { Patient } from '../patient';
import { assumeRoleLine, tryRole } from '../read-aws';

export const packChecks: Check<Patient>[] = [
  { name: 'conformance packs', group: 'Conformance packs', needed: true, run: look },
];

/** A few calls in all: quicker than a worker, which never ends to ask. */
const CALL_EVERY_MS = 250;

type Owners = Patient['configuration']['conformance']['owners'];

async function look(patient: Patient): Promise<Finding[]> {
  await patient.managed();
  const { aws, configuration } = patient;
  const { owners } = configuration.conformance;
  const roles = await Promise.all(owners.map((owner) => tryOwner(patient, owner)));
  const usable = owners.filter((_, index) => roles[index]?.level === 'ok');
  const reader = new PackReader(
    { aws, configuration },
    new ConfigPace(isSimulated('CONFIG_SERVICE') ? 0 : CALL_EVERY_MS),
  );
  const catalogue = new PackCatalogue(reader, usable);
  const regions = await Promise.all(
    regionsOf(patient).map(async (region) => {
      try {
        const packs = await catalogue.packsIn(region);
        for (const one of oneOfEachOwner(packs)) await tryOtherCalls(patient, reader, one);
        const existing = [...new Set(packs.map(({ pack }) => pack))];
        const isWhole = owners.every((owner) => usable.includes(owner) || !isIn(owner, region));
        return judgeRegion(patient, region, existing, isWhole);
      } catch (error) {
        if (!(error instanceof AwsCallError)) throw error;
        return [awsFinding(error.detail, true, ` in ${region}`)];
      }
    }),
  );
  return [...roles, ...regions.flat()];
}

/** Of the configuration, and of packs that it names as region/name. */
function regionsOf({ configuration: { conformance } }: Patient): string[] {
  const { packs, regions } = conformance;
  const pinned = packs === 'all' ? [] : packs.filter((name) => name.includes('/'));
  return [...new Set([...regions, ...pinned.map((name) => name.slice(0, name.indexOf('/')))])];
}

function isIn({ regions }: Owners[number], region: string): boolean {
  return regions?.includes(region) ?? true;
}

async function tryOwner(patient: Patient, owner: Owners[number]): Promise<Finding> {
  const account = ownerOf(owner.roleArn);
  try {
    await tryRole(patient.aws, owner);
    const title = `the role of pack owner ${account} can be assumed`;
    return {
      id: 'owner-role',
      level: 'ok',
      title,
      detail: `${owner.roleArn} (conformance.owners).`,
    };
  } catch (error) {
    if (!(error instanceof AwsCallError)) throw error;
    return {
      id: 'owner-role-not-assumable',
      level: 'stop',
      title: `the role of pack owner ${account} cannot be assumed`,
      detail: `${owner.roleArn} (conformance.owners): ${error.detail.name}: ${error.detail.message}`,
      fix: `Allow sts:AssumeRole on it, and these credentials in its trust policy (docs/iam has it). Try, with the credentials of the role that reads: ${assumeRoleLine(owner)}`,
    };
  }
}

interface Pack {
  region: string;
  pack: string;
  owner?: string;
}

/** Each owner's policy may allow something else. */
function oneOfEachOwner(packs: readonly Pack[]): Pack[] {
  return [...new Map(packs.map((one) => [one.owner, one])).values()];
}

/** What vends ask besides, about a pack. */
async function tryOtherCalls(
  patient: Patient,
  reader: PackReader,
  { region, pack, owner }: Pack,
): Promise<void> {
  const { managementAccountId: accountId = '' } = await patient.managed();
  const tally = { calls: 0, throttled: 0 };
  await reader.packs({ region, owner }, [pack], tally);
  await reader.rows({ region, owner }, pack, { accountId }, tally, 1);
}

function judgeRegion(
  { configuration: { conformance } }: Patient,
  region: string,
  existing: readonly string[],
  isWhole: boolean,
): Finding[] {
  const there = existing.length > 0 ? existing.join(', ') : 'none';
  const required = requiredIn(conformance, region);
  if (required === 'all') {
    if (existing.length > 0 || conformance.allowNone) {
      return [
        packsFinding(`${region}: ${existing.length > 0 ? there : 'no pack, which is allowed'}`),
      ];
    }
    return isWhole ? [noneIn(region)] : [];
  }
  const missing = required.filter((name) => !existing.includes(name));
  if (missing.length === 0)
    return [packsFinding(`${region}: ${required.join(', ') || 'none named'}`)];
  if (!isWhole) return [];
  return missing.map((name) => ({
    id: 'pack-missing',
    level: 'stop',
    title: `${region} has no conformance pack ${name}`,
    detail: `conformance.packs names it; there: ${there}. Every request that names no packs of its own is refused.`,
    fix: `Deploy it, mend conformance.packs (region/name means one region alone), or name its owner in conformance.owners. See: aws configservice describe-organization-conformance-packs --region ${region}`,
  }));
}

function requiredIn(
  { packs, regions }: Patient['configuration']['conformance'],
  region: string,
): 'all' | string[] {
  if (packs === 'all') return 'all';
  return packs.flatMap((name) => {
    if (name.includes('/'))
      return name.startsWith(`${region}/`) ? name.slice(region.length + 1) : [];
    return regions.includes(region) ? name : [];
  });
}

function packsFinding(title: string): Finding {
  return { id: 'packs', level: 'ok', title, detail: 'What each new account waits for.' };
}

function noneIn(region: string): Finding {
  return {
    id: 'packs-none',
    level: 'stop',
    title: `${region} has no organization conformance pack`,
    detail:
      'conformance.regions names it, so every request that does not say conformance: false is refused.',
    fix: `Deploy one (aws configservice put-organization-conformance-pack --region ${region} …), leave the region out of conformance.regions, or set conformance.allowNone: true.`,
  };
}
