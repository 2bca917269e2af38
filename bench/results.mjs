/** RESULTS.md: a section for each measurement, as it was last run. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';

const FILE = fileURLToPath(new URL('RESULTS.md', import.meta.url));
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const HEADING = /^## (\S+)$/m;

const TOP = `# Results

Written by \`npm run bench\`; [README.md](README.md) says what each one measures and how to read it. \`ok\`: as
promised, or better. \`OVER\`: worse. What others use of the machine at the same time makes times longer;
counts, sizes, orders and ratios measured side by side are touched by that least.
`;

/** @param order of the sections */
export async function writeResults(order, measured) {
  const sections = readSections();
  sections.set(measured.name, section(measured));
  const kept = order.filter((name) => sections.has(name));
  const text = [
    TOP,
    overview(kept.map((name) => [name, sections.get(name)])),
    ...kept.map((name) => `## ${name}\n\n${sections.get(name)}`),
  ].join('\n\n');
  const options = await resolveConfig(FILE);
  writeFileSync(FILE, await format(text, { ...options, parser: 'markdown' }));
}

function readSections() {
  if (!existsSync(FILE)) return new Map();
  // Before the first heading, then a name and a text in turns.
  const [, ...parts] = readFileSync(FILE, 'utf8').split(HEADING);
  const sections = new Map();
  for (let n = 0; n + 1 < parts.length; n += 2) sections.set(parts[n], parts[n + 1].trim());
  return sections;
}

function overview(sections) {
  const count = (text, mark) => text.split(`- ${mark} `).length - 1;
  const rows = sections.map(([name, text]) => {
    const end = text.includes('**FAILED**') ? 'failed' : 'ran to its end';
    return [`[${name}](#${name})`, end, count(text, 'ok'), count(text, '**OVER**')];
  });
  return markdownTable([['measurement', '', 'ok', 'OVER'], ...rows]);
}

function section({ told, failed, startedAt, ms }) {
  const date = new Date(startedAt).toISOString().slice(0, 10);
  const blocks = [`Measured on ${date}, in ${Math.ceil(ms / 60_000)} min.`];
  for (const [n, { text, isKept, lines }] of told.entries()) {
    if (lines) blocks.push(markdownTable(lines));
    else if (isKept !== undefined) blocks.push(`- ${isKept ? 'ok' : '**OVER**'} ${plain(text)}`);
    else if (told[n + 1]?.lines && text.trim() !== '') blocks.push(`**${plain(text)}**`);
    else if (text.startsWith(' ')) blocks.push(`- ${plain(text)}`);
    else if (text.trim() !== '') blocks.push(plain(text));
  }
  if (failed !== undefined) blocks.push(`**FAILED**: ${plain(failed.split('\n')[0])}`);
  return blocks
    .map((block, n) => (isItem(block) && isItem(blocks[n - 1]) ? block : `\n${block}`))
    .join('\n');
}

function isItem(block = '') {
  return block.startsWith('- ');
}

/** Errors name files; where this repository lies is nobody's concern. */
function plain(text) {
  return escape(text.trim().replaceAll(ROOT, ''));
}

function markdownTable([head, ...rows]) {
  const line = (cells) => `| ${cells.map((cell) => escape(String(cell))).join(' | ')} |`;
  const isNumber = (column) => rows.every((row) => /^[-\d.,]*$/.test(String(row[column])));
  const rule = head.map((_, column) => (isNumber(column) ? '---:' : '---'));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}

function escape(text) {
  return text.replaceAll('|', '\\|');
}
