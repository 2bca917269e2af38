import { writeFile } from 'node:fs/promises';
import { loadConfiguration } from '../../config';
import { isRequestId } from '../../contract';
import { MOST_ACCOUNTS } from '../../domain/batch/manifest';
import { withAws } from '../aws';
import { subcommand, type Cli, type CommonOptions } from '../command';
import { invalid } from '../errors';
import { readFleet } from '../fleet/fleet';
import { fleetManifest, fleetYaml, leftLines, nameAccounts } from '../fleet/fleet-manifest';
import { print, printJson } from '../io';

interface DiscoverOptions extends CommonOptions {
  output?: string;
  name: string;
  organizationalUnit?: string;
  force?: boolean;
  config?: string;
}

/** So many that were left out are told one by one. */
const MOST_TOLD = 20;

export function discoverCommand(cli: Cli) {
  return subcommand(cli, 'discover', {
    description:
      'Writes a manifest of the accounts that exist in the organization, so that "vend apply" can bring them in. It only reads from AWS.',
    examples: [
      'discover > fleet.yaml',
      'discover -o fleet.yaml --organizational-unit Workloads',
      'discover | vend apply -f - --dry-run',
    ],
  })
    .option('-o, --output <file>', 'write the manifest to this file instead of stdout')
    .option('--force', 'with --output: overwrite a file that is there')
    .option('--name <name>', 'name of the manifest', 'fleet')
    .option(
      '--organizational-unit <unit>',
      'only what stands in this unit or below: its ID, or its path such as Workloads/Prod',
    )
    .option('--config <file>', "the worker's configuration (default: VEND_CONFIG, vending.yaml)")
    .action(async (options: DiscoverOptions) => {
      const { name, output, json } = options;
      const { io } = cli;
      if (!isRequestId(name)) {
        throw invalid('--name must be 1-63 lower-case letters, digits and hyphens.');
      }
      if (options.force && output === undefined) {
        throw invalid('--force belongs to --output; give both.');
      }
      const configuration = loadConfiguration({ path: options.config, env: io.env });
      const fleet = await withAws(configuration, (aws) =>
        readFleet(aws, {
          organizationalUnit: options.organizationalUnit,
          installation: configuration.installation,
          progress: (line) => print(io.stderr, line),
        }),
      );
      const accounts = nameAccounts(fleet);
      const text = fleetYaml(fleet, name, accounts);
      if (output !== undefined) await write(output, text, options.force ?? false);
      if (json) {
        const manifest = fleetManifest(fleet, name, accounts);
        const { organizationId, left } = fleet;
        printJson(io, { organizationId, manifest, left, file: output ?? null });
      } else if (output === undefined) io.stdout.write(text);
      const count = accounts.length === 1 ? 'one account' : `${accounts.length} accounts`;
      const told = leftLines(fleet);
      print(
        io.stderr,
        `${fleet.organizationId}: ${count} to bring in${told.length > 0 ? `, ${told.length} left out:` : '.'}`,
        ...told.slice(0, MOST_TOLD).map((line) => `  ${line}`),
        ...(told.length > MOST_TOLD ? [`  and ${told.length - MOST_TOLD} more, in the file`] : []),
        ...(accounts.length > MOST_ACCOUNTS
          ? [
              `A manifest holds at most ${MOST_ACCOUNTS}: write several, with --organizational-unit and --name.`,
            ]
          : []),
        ...(output === undefined
          ? []
          : [`Written to ${output}. Next: ${io.command} apply -f ${output} --dry-run`]),
      );
    });
}

async function write(file: string, text: string, overwrite: boolean): Promise<void> {
  try {
    await writeFile(file, text, { flag: overwrite ? 'w' : 'wx' });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    if (code === 'EEXIST') {
      throw invalid(`${file} is there already. Give another name, or --force to overwrite it.`);
    }
    throw invalid(`${file} cannot be written (${code}).`);
  }
}
