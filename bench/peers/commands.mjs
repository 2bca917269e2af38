/**
 * Contestants that are a command: it is run, and ends by itself. Run again, it begins from what it has
 * kept in its folder, or in S3.
 */
import { existsSync, mkdirSync, writeFileSync, copyFileSync } from 'node:fs';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startProcess } from './process.mjs';

const HERE = (path) => fileURLToPath(new URL(path, import.meta.url));
/** Outside of our own dependencies: the product does not know it. */
const CACHE = HERE('../../.cache/bench/org-formation-1.0.17');
const CLI = join(CACHE, 'node_modules/aws-organization-formation/dist/cli.js');

export const loop = (name) => async (world) => {
  const file = join(world.folder, 'accounts.json');
  writeFileSync(file, JSON.stringify(world.accounts));
  return command(world, () => [HERE('loops/run.mjs'), [name, file]]);
};

/** Installs org-formation as its lock file says, once. npm writes this file when it has done all. */
export async function installOrgFormation() {
  if (existsSync(join(CACHE, 'node_modules/.package-lock.json'))) return;
  mkdirSync(CACHE, { recursive: true });
  for (const name of ['package.json', 'package-lock.json']) {
    copyFileSync(HERE(`org-formation/${name}`), join(CACHE, name));
  }
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund'];
  await promisify(execFile)('npm', args, { cwd: CACHE, shell: process.platform === 'win32' });
}

export async function orgFormation(world) {
  const { folder, env } = world;
  const init = startProcess(CLI, ['init', 'init.yml', '--region', 'us-east-1'], {
    env,
    cwd: folder,
  });
  const { status, said } = await init.ended;
  if (status !== 0) throw new Error(`org-formation init: ${said}`);
  writeFileSync(join(folder, 'organization.yml'), template(world));
  return command(world, () => [CLI, ['update', 'organization.yml', '--verbose']]);
}

function template({ simulator, accounts }) {
  const logical = (n) => `Account${n}`;
  const members = accounts.map(({ accountName, email, tags }, n) => [
    logical(n),
    {
      Type: 'OC::ORG::Account',
      Properties: { AccountName: accountName, RootEmail: email, Tags: tags },
    },
  ]);
  const { managementAccountId } = simulator;
  const management = simulator.snapshot().accounts.find(({ id }) => id === managementAccountId);
  // JSON is YAML.
  return JSON.stringify({
    AWSTemplateFormatVersion: '2010-09-09-OC',
    // By the names that `init` gave them: another name would be another thing.
    Organization: {
      ManagementAccount: {
        Type: 'OC::ORG::MasterAccount',
        Properties: {
          AccountName: management.name,
          AccountId: management.id,
          RootEmail: management.email,
        },
      },
      OrganizationRoot: {
        Type: 'OC::ORG::OrganizationRoot',
        Properties: { DefaultOrganizationAccessRoleName: 'OrganizationAccountAccessRole' },
      },
      WorkloadsOU: {
        Type: 'OC::ORG::OrganizationalUnit',
        Properties: {
          OrganizationalUnitName: 'Workloads',
          Accounts: accounts.map((_, n) => ({ Ref: logical(n) })),
        },
      },
      ...Object.fromEntries(members),
    },
  });
}

function command({ env, folder }, line) {
  let now;
  return {
    /** Whether it said success, failure or, where it was killed, nothing. */
    async run() {
      const [file, args] = line();
      now = startProcess(file, args, { env, cwd: folder });
      const { status, said } = await now.ended;
      if (status === null) return { says: 'killed' };
      return status === 0 ? { says: 'success' } : { says: 'failure', why: said };
    },
    kill: () => now?.kill(),
    close: async () => {
      now?.kill();
      await now?.ended;
    },
  };
}
