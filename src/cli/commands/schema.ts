import { Argument } from 'commander';
import { configurationJsonSchema, manifestJsonSchema, requestJsonSchema } from '../../config';
import { subcommand, type Cli } from '../command';
import { printJson } from '../io';

const SCHEMAS = {
  request: requestJsonSchema,
  manifest: manifestJsonSchema,
  configuration: configurationJsonSchema,
};

export function schemaCommand(cli: Cli) {
  return subcommand(cli, 'schema', {
    description: 'Prints a JSON Schema, for editors and other languages.',
    examples: ['schema request > request.schema.json', 'schema configuration'],
  })
    .addArgument(new Argument('<of>', 'what it describes').choices(Object.keys(SCHEMAS)))
    .action((of: keyof typeof SCHEMAS) => printJson(cli.io, SCHEMAS[of]()));
}
