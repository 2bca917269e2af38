import { configurationFile, loadConfiguration } from '../../config';
import { subcommand, type Cli, type CommonOptions } from '../command';
import { print, printJson } from '../io';
import { asDocument, statusOf } from '../doctor/conclude';
import { diagnose } from '../doctor/diagnose';
import { doctorPage } from '../doctor/page';

interface DoctorOptions extends CommonOptions {
  gate?: boolean;
  config?: string;
}

export function doctorCommand(cli: Cli) {
  return subcommand(cli, 'doctor', {
    description:
      'Looks at everything that a vend needs, and says what to do about what is missing. Changes nothing. Run it where the worker runs, with its environment.',
    examples: ['doctor', 'doctor --gate', 'doctor --config vending.yaml --json'],
  })
    .option('--gate', "also compare the organization's gate with what Temporal and AWS say")
    .option('--config <file>', "the worker's configuration (default: VEND_CONFIG, vending.yaml)")
    .addHelpText(
      'after',
      '\nExit status: 0 a vend would go through, 1 a finding would stop one, 4 Temporal or AWS does\nnot answer at all. docs/doctor.md says what each finding means.',
    )
    .action(async (options: DoctorOptions) => {
      const from = { path: options.config, env: cli.io.env };
      const configuration = loadConfiguration(from);
      const found = await diagnose(cli.io, {
        configuration,
        configurationFile: configurationFile(from),
        gate: options.gate ?? false,
      });
      if (options.json) printJson(cli.io, asDocument(found));
      else print(cli.io.stdout, ...doctorPage(cli.io, found));
      cli.finish(statusOf(found));
    });
}
