import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { PermissionSetup, Simulator } from '../../src/simulator';

const FOLDER = join(__dirname, '..', '..', 'docs', 'iam');

/** As docs/iam has them. */
export const MANAGEMENT = '111122223333';
export const OWNER = '444455556666';
export const VENDING = `arn:aws:iam::${MANAGEMENT}:role/Vending`;
export const READS = `arn:aws:iam::${MANAGEMENT}:role/VendingReads`;
export const OWNER_ROLE = `arn:aws:iam::${OWNER}:role/VendingReadsConformancePacks`;
/** Whoever has the simulator's own keys. */
const WORKER = `arn:aws:iam::${MANAGEMENT}:user/simulator`;
export const EXTERNAL_ID = 'replace-with-aws.externalId';

/** A file of docs/iam, such as `read/core`. */
export interface PolicyFile {
  name: string;
  text: string;
  policy: { Statement: { Action: string[] }[] };
}

export const FILES: PolicyFile[] = ['read', 'write', 'owner', 'worker', 'trust'].flatMap((folder) =>
  readdirSync(join(FOLDER, folder)).map((file) => {
    const text = readFileSync(join(FOLDER, folder, file), 'utf8');
    const policy = JSON.parse(text) as PolicyFile['policy'];
    return { name: `${folder}/${file.replace('.json', '')}`, text, policy };
  }),
);

export function actionsOf({ policy }: PolicyFile): string[] {
  return [...new Set(policy.Statement.flatMap(({ Action }) => Action))];
}

/** The policies of a folder. */
export function inFolder(folder: string): PolicyFile[] {
  return FILES.filter(({ name }) => name.startsWith(`${folder}/`));
}

/** What is to be left out: one action of one file. */
export interface Missing {
  file: string;
  action: string;
}

/** All that docs/iam grants, with the organization's own ids in the places of the examples. */
export function permissions(
  simulator: Simulator,
  missing?: Missing,
  roles: 'two' | 'one' = 'two',
): PermissionSetup {
  const { organizationId, rootId } = simulator;
  const unit = simulator
    .snapshot()
    .organizationalUnits.find(({ path }) => path === 'Workloads/Prod');
  const filled = (file: PolicyFile): unknown => {
    const text = file.text
      .replaceAll('o-exampleorgid', organizationId)
      .replaceAll('ou-examplerootid111-exampleouid111', unit?.id ?? '')
      .replaceAll('examplerootid111', rootId.slice('r-'.length))
      .replaceAll('arn:aws:iam::777788889999:role/VendingWorker', WORKER);
    const policy = JSON.parse(text) as PolicyFile['policy'];
    if (file.name !== missing?.file) return policy;
    const Statement = policy.Statement.map((one) => ({
      ...one,
      Action: one.Action.filter((action) => action !== missing.action),
    }));
    return { ...policy, Statement: Statement.filter(({ Action }) => Action.length > 0) };
  };
  const all = (folder: string) => inFolder(folder).map(filled);
  const trust = (name: string) => filled(FILES.find((file) => file.name === `trust/${name}`)!);
  return {
    identities: {
      [WORKER]: all('worker'),
      [VENDING]: roles === 'one' ? [...all('write'), ...all('read')] : all('write'),
      [READS]: roles === 'one' ? [] : all('read'),
      [OWNER_ROLE]: all('owner'),
    },
    trust: {
      [VENDING]: trust('vending'),
      [READS]: trust('vending-reads'),
      ...(roles === 'two' ? { [OWNER_ROLE]: trust('owner') } : {}),
    },
  };
}
