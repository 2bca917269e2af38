/** Makes text fit the terminal. Widths are counted in characters of plain text: colour comes after. */

/** Never for what a person has to type. */
export function cut(text: string, width: number): string {
  const characters = Array.from(text);
  if (characters.length <= width) return text;
  return width < 1 ? '' : `${characters.slice(0, width - 1).join('')}…`;
}

/** Broken between words; a word that is longer than a line is broken too. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length <= width) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    line = word;
    while (line.length > width) {
      lines.push(line.slice(0, width));
      line = line.slice(width);
    }
  }
  return [...lines, line];
}

/** A command on lines that can be copied as they stand: a backslash continues each but the last. */
export function wrapCommand(command: string, width: number): string[] {
  if (command.length <= width) return [command];
  const lines: string[] = [];
  let line = '';
  for (const part of parts(command)) {
    const longer = line === '' ? part : `${line} ${part}`;
    // Room for the backslash behind it.
    if (longer.length <= width - 2 || line === '') {
      line = longer;
      continue;
    }
    lines.push(`${line} \\`);
    line = `  ${part}`;
  }
  return [...lines, line];
}

/** What must stay on one line: an option with its value, and what is quoted. */
function parts(command: string): string[] {
  return command.match(/--\S+ '[^']*'|--\S+ [^-\s]\S*|'[^']*'|\S+/g) ?? [command];
}
