import {
  checkRequest,
  configurationFile,
  loadConfiguration,
  type Configuration,
} from '../../config';
import type { VendRequest } from '../../contract';
import { subcommand, type Cli, type CommonOptions } from '../command';
import { asDocument, statusOf } from '../doctor/conclude';
import { diagnose } from '../doctor/diagnose';
import { doctorPage } from '../doctor/page';
import { ExitStatus, invalid } from '../errors';
import { print, printJson } from '../io';
import { canAsk } from '../smoke/confirm';
import { vendForReal } from '../smoke/vend-for-real';
import { defaultBy } from '../who';

interface SmokeOptions extends CommonOptions {
  create?: boolean;
  email?: string;
  organizationalUnit?: string;
  requestId?: string;
  accountName?: string;
  /** False where `--no-conformance` was given. */
  conformance: boolean;
  confirm?: string;
  config?: string;
}

/** The same account, however often it is run: an account cannot be taken back. */
const REQUEST_ID = 'smoke-test';
/** AWS's own limit; a name of its own keeps accounts of several tries apart. */
const LONGEST_NAME = 50;

export function smokeCommand(cli: Cli) {
  return subcommand(cli, 'smoke', {
    description:
      'A first try in a real organization. It only reads, as "vend doctor --gate" does; with --create it then vends one real account, once you have confirmed it, and looks at AWS whether it is as it should be.',
    examples: [
      'smoke',
      'smoke --create --email aws+smoke-test@example.com --organizational-unit Sandbox',
      'smoke --create --email aws+smoke-test@example.com --confirm o-exampleorgid --json',
    ],
  })
    .option('--create', 'vend one real account; it cannot be taken back')
    .option('--email <address>', "with --create: address of the account's root user")
    .option('--organizational-unit <unit>', "with --create: default: the configuration's")
    .option('--request-id <id>', `with --create: default: ${REQUEST_ID}`)
    .option('--account-name <name>', 'with --create: default: the request ID')
    .option('--no-conformance', 'with --create: waits for no conformance pack')
    .option(
      '--confirm <organization>',
      "with --create: the organization's ID, instead of typing it",
    )
    .option('--config <file>', "the worker's configuration (default: VEND_CONFIG, vending.yaml)")
    .addHelpText(
      'after',
      '\nExit status: 0 all is well, 1 a finding would stop a vend or the account is not as it should be,\n2 not confirmed, 3 the vend asks a person or waits for an approval, 4 Temporal or AWS does not answer. docs/smoke-test.md',
    )
    .action(async (options: SmokeOptions) => {
      const { io } = cli;
      const from = { path: options.config, env: io.env };
      const configuration = loadConfiguration(from);
      const request = readRequest(options, configuration);
      if (request && options.confirm === undefined && !canAsk(io)) {
        throw invalid(
          'Nobody can be asked here, where no terminal is: give --confirm with the ID of the organization (o-…). Nothing was created.',
        );
      }
      const found = await diagnose(io, {
        configuration,
        configurationFile: configurationFile(from),
        gate: true,
      });
      if (!options.json) print(io.stdout, ...doctorPage(io, found), '');
      const status = statusOf(found);
      if (!request || status !== ExitStatus.done) {
        if (options.json) printJson(io, asDocument(found));
        else print(io.stdout, nothingCreated(io.command, status));
        cli.finish(status);
        return;
      }
      const { json = false, confirm } = options;
      const by = defaultBy(io.env);
      const outcome = await vendForReal(io, { configuration, request, confirm, json, by });
      if (json) printJson(io, { ...asDocument(found), ...outcome.document });
      cli.finish(outcome.status);
    });
}

/** The request of `--create`, checked before anything is asked; undefined without it. */
function readRequest(options: SmokeOptions, configuration: Configuration): VendRequest | undefined {
  const { create, email, organizationalUnit, requestId = REQUEST_ID, conformance } = options;
  if (!create) {
    const given = [
      email,
      organizationalUnit,
      options.requestId,
      options.accountName,
      options.confirm,
    ];
    if (given.every((value) => value === undefined) && conformance) return undefined;
    throw invalid('Without --create nothing is vended, and the options for it have no meaning.');
  }
  if (email === undefined) {
    throw invalid("--create needs --email: an address that is yours, and no AWS account's yet.");
  }
  const request = {
    requestId,
    accountName: options.accountName ?? requestId.slice(0, LONGEST_NAME),
    email,
    ...(organizationalUnit === undefined ? {} : { organizationalUnit }),
    ...(conformance ? {} : { conformance: false }),
  };
  const checked = checkRequest(request, configuration);
  if (checked.ok) return checked.value;
  throw invalid('The account cannot be vended, and nothing was created:', checked.problems);
}

function nothingCreated(command: string, status: ExitStatus): string {
  if (status !== ExitStatus.done) return 'Nothing was created.';
  return `Nothing was created. To vend one real account: ${command} smoke --create --email ADDRESS --organizational-unit UNIT`;
}
