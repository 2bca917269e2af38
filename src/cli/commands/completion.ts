import { resolve } from 'node:path';
import { Argument } from 'commander';
import { subcommand, type Cli, type CommonOptions } from '../command';
import { completionScript, SHELLS, type Shell } from '../completing/completion-scripts';
import { print, printJson } from '../io';

const INSTALL = `
How to install:
  bash  add to ~/.bashrc:  eval "$(vend completion bash)"
  zsh   add to ~/.zshrc, behind compinit:  source <(vend completion zsh)
  fish  once:  vend completion fish > ~/.config/fish/completions/vend.fish
Request IDs are those that are under way where TEMPORAL_ADDRESS or TEMPORAL_PROFILE point. In zsh
"vend" must be a command or a function; behind an alias zsh looks for what the alias stands for.
`;

export function completionCommand(cli: Cli) {
  return subcommand(cli, 'completion', {
    description: 'Prints a script that completes commands, options, their values and request IDs.',
    examples: ['completion bash', 'completion zsh', 'completion fish'],
  })
    .addArgument(new Argument('<shell>', 'whose script').choices(SHELLS))
    .addHelpText('after', INSTALL)
    .action((shell: Shell, options: CommonOptions) => {
      const script = completionScript(shell, calledFromAnywhere(cli.io.command));
      if (options.json) printJson(cli.io, { shell, script });
      else print(cli.io.stdout, script);
    });
}

/** The words of the command; a shell may stand in another folder when it asks. */
function calledFromAnywhere(command: string): string[] {
  const script = /^node (.+)$/.exec(command)?.[1];
  return script === undefined ? [command] : ['node', resolve(script)];
}
