import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import { ConfigurationError, type LocatedProblem } from '../config';
import type { FieldProblem } from '../contract';
import { answerCompletion } from './completing/answer-completion';
import { applyCommand } from './commands/apply';
import { approveCommand, rejectCommand } from './commands/approve';
import { cancelCommand } from './commands/cancel';
import { codecServerCommand } from './commands/codec-server';
import { newCommand, type Cli } from './command';
import { completionCommand } from './commands/completion';
import { COMPLETE } from './completing/completion-scripts';
import { demoCommand } from './commands/demo';
import { doctorCommand } from './commands/doctor';
import { CommandError, ExitStatus } from './errors';
import { plain, print, printJson, type Io } from './io';
import { discoverCommand } from './commands/discover';
import { listCommand } from './commands/list';
import { resolveCommand } from './commands/resolve';
import { schemaCommand } from './commands/schema';
import { showCommand } from './commands/show';
import { simulatorCommand } from './commands/simulator';
import { smokeCommand } from './commands/smoke';
import { startCommand } from './commands/start';
import { watchCommand } from './commands/watch';

/** Runs one command and returns its exit status. `argv` is what stands behind the program's name. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  let status: ExitStatus = ExitStatus.done;
  const cli: Cli = { io, finish: (value) => (status = value) };
  try {
    if (argv[0] === COMPLETE) {
      await answerCompletion(program(cli), argv.slice(1), io);
      return status;
    }
    await program(cli).parseAsync([...argv], { from: 'user' });
    return status;
  } catch (error) {
    return report(error, argv, io);
  }
}

function program(cli: Cli) {
  const vend = newCommand(cli, 'vend')
    .description('Vends AWS accounts: each request makes one account, once.')
    .usage('<command> [options]')
    .version(version(), '--version', 'print the version')
    .showHelpAfterError(`See: ${cli.io.command} --help`)
    .addHelpText(
      'after',
      '\nBegin with: vend demo. Each command has its own --help with examples.',
    );
  const commands = [
    demoCommand(cli),
    startCommand(cli),
    applyCommand(cli),
    discoverCommand(cli),
    showCommand(cli),
    listCommand(cli),
    watchCommand(cli),
    resolveCommand(cli),
    approveCommand(cli),
    rejectCommand(cli),
    cancelCommand(cli),
    doctorCommand(cli),
    smokeCommand(cli),
    simulatorCommand(cli),
    codecServerCommand(cli),
    schemaCommand(cli),
    completionCommand(cli),
  ];
  for (const command of commands) vend.addCommand(command);
  return vend;
}

/** package.json stands two folders up, seen from src/cli and from lib/cli alike. */
function version(): string {
  const file = join(__dirname, '..', '..', 'package.json');
  return String((JSON.parse(readFileSync(file, 'utf8')) as { version: unknown }).version);
}

function report(error: unknown, argv: readonly string[], io: Io): ExitStatus {
  const wantsJson = argv.includes('--json');
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return ExitStatus.done;
    // Commander has told it already.
    if (wantsJson) printJson(io, { error: { message: usageMessage(error), problems: [] } });
    return ExitStatus.invalid;
  }
  const { status, message, problems } = asCommandError(error);
  print(io.stderr, ...`error: ${message}`.split('\n').map(plain));
  print(io.stderr, ...problems.map((fault) => plain(`  ${faultLine(fault)}`)));
  if (argv.includes('--debug') && error instanceof Error) print(io.stderr, error.stack ?? '');
  if (wantsJson) printJson(io, { error: { message, problems } });
  return status;
}

/** Where the fault stands in a file, it is told as editors take it. */
function faultLine(fault: FieldProblem & Partial<LocatedProblem>): string {
  const { file, line, column, field, message } = fault;
  const where = file === undefined ? '' : `${file}:${line}:${column}  `;
  return `${where}${field} ${message}`;
}

function asCommandError(error: unknown): CommandError {
  if (error instanceof CommandError) return error;
  if (error instanceof ConfigurationError) {
    const [summary = 'The configuration cannot be used:'] = error.message.split('\n');
    return new CommandError(ExitStatus.invalid, summary, { problems: error.problems });
  }
  const message = error instanceof Error ? error.message : String(error);
  return new CommandError(ExitStatus.endedOtherwise, `${message} (--debug shows where)`);
}

function usageMessage(error: CommanderError): string {
  return error.message.replace(/^error: /, '');
}
