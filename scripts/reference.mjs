/**
 * Writes the tables of docs/reference.md from the JSON Schemas that `vend schema` prints; with
 * `--check` only looks whether they are as they would be written.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { root } from './tools.mjs';

const page = join(root, 'docs/reference.md');

const before = readFileSync(page, 'utf8');
let after = before;
for (const of of ['configuration', 'request']) after = replaced(after, of, tableOf(schemaOf(of)));
after = await format(after, { ...(await resolveConfig(page)), filepath: page });
if (!process.argv.includes('--check')) writeFileSync(page, after);
else if (after !== before) {
  console.error('docs/reference.md is not what the schemas say: npm run reference');
  process.exitCode = 1;
}

function schemaOf(of) {
  const vend = [join(root, 'lib/starter.js'), 'schema', of];
  return JSON.parse(execFileSync(process.execPath, vend, { encoding: 'utf8' }));
}

function replaced(text, name, table) {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
  const [head, rest = ''] = text.split(begin);
  const [, tail] = rest.split(end);
  if (tail === undefined) throw new Error(`docs/reference.md has no ${begin} … ${end}`);
  return `${head}${begin}\n\n${table}\n\n${end}${tail}`;
}

function tableOf(schema) {
  const rows = [...rowsOf(schema)].map((cells) => `| ${cells.map(cell).join(' | ')} |`);
  return ['| field | what it may be | default | |', '| - | - | - | - |', ...rows].join('\n');
}

function cell(text) {
  return text.replaceAll('|', String.raw`\|`);
}

function* rowsOf(schema, path = '') {
  for (const [names, property] of alike(schema.properties ?? {})) {
    const here = `${path}${names.join(', ')}`;
    const isNeeded =
      names.some((name) => schema.required?.includes(name)) && !('default' in property);
    if (!isGroup(property)) {
      yield [
        `\`${here}\``,
        kindOf(property),
        isNeeded ? 'required' : defaultOf(property),
        property.description ?? '',
      ];
    }
    for (const { variant, below } of variantsOf(property))
      yield* rowsOf(variant, `${here}${below}.`);
  }
}

/** Properties that differ in their descriptions alone are one row. */
function alike(properties) {
  const groups = [];
  for (const [name, property] of Object.entries(properties)) {
    const { description: _, ...rest } = property;
    const same = groups.find((group) => isGroup(property) && isDeepStrictEqual(group.rest, rest));
    if (same) same.names.push(name);
    else groups.push({ names: [name], rest, property });
  }
  return groups.map(({ names, property }) => [names, property]);
}

/** It is told by its fields. */
function isGroup({ properties }) {
  return properties !== undefined;
}

function* variantsOf(property) {
  for (const variant of eachOf(property)) if (isGroup(variant)) yield { variant, below: '' };
  for (const variant of eachOf(property.items))
    if (isGroup(variant)) yield { variant, below: '[]' };
}

function eachOf(schema) {
  return schema ? [schema, ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])] : [];
}

function kindOf({
  type,
  enum: words,
  const: word,
  items,
  anyOf,
  oneOf,
  minimum,
  maximum,
  pattern,
  examples,
}) {
  const variants = anyOf ?? oneOf;
  if (variants) return [...new Set(variants.map(kindOf))].join(' or ');
  if (word !== undefined) return code(word);
  if (words) return words.map(code).join(', ');
  if (items) return `list of ${kindOf(items).replace('an object', 'objects')}`;
  if (minimum !== undefined && maximum !== undefined) return `${minimum} to ${maximum}`;
  if (pattern?.includes('ms|s|m|h|d')) return `a time, such as ${code(examples?.[0] ?? '30s')}`;
  return { boolean: '`true`, `false`', object: 'an object', string: 'text' }[type] ?? String(type);
}

function defaultOf({ default: value }) {
  return value === undefined ? '' : code(value);
}

function code(value) {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}
