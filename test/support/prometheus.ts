/** One time series, as an endpoint of Prometheus shows it. */
export interface Series {
  name: string;
  labels: Record<string, string>;
  value: number;
}

/** What a worker shows. */
export interface Scrape {
  text: string;
  series: Series[];
  /** `counter`, `gauge` or `histogram`, by name; a histogram's name has no suffix here. */
  types: Map<string, string>;
}

const SERIES = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/** Reads the text format. @see https://prometheus.io/docs/instrumenting/exposition_formats/ */
function parseMetrics(text: string): Scrape {
  const series: Series[] = [];
  const types = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, typed = '', kind = ''] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? [];
    if (typed) types.set(typed, kind);
    const [, name, labels = '', value] = SERIES.exec(line) ?? [];
    if (name === undefined || line.startsWith('#')) continue;
    const pairs = [...labels.matchAll(LABEL)].map(([, key = '', word = '']) => [key, word]);
    series.push({
      name,
      labels: Object.fromEntries(pairs) as Record<string, string>,
      value: Number(value),
    });
  }
  return { text, series, types };
}

export async function scrape(address: string): Promise<Scrape> {
  const answer = await fetch(`http://${address}/metrics`);
  return parseMetrics(await answer.text());
}

/** The sum of all series of this name that have these labels. */
export function total(
  { series }: Scrape,
  name: string,
  labels: Record<string, string> = {},
): number {
  const wanted = Object.entries(labels);
  return series
    .filter((one) => one.name === name && wanted.every(([key, word]) => one.labels[key] === word))
    .reduce((sum, { value }) => sum + value, 0);
}

/** What an expression of PromQL asks for: names, and the labels that it selects or groups by. */
export interface Asked {
  name: string;
  labels: Record<string, string | undefined>;
}

/** A histogram's own, and what Prometheus adds when it scrapes. */
const NOT_OURS = new Set(['le', 'instance']);

/** Enough of PromQL for what we write: a selector is a name that is not called as a function. */
export function askedBy(expression: string): Asked[] {
  const grouped = [...expression.matchAll(/\b(?:by|on)\s*\(([^)]*)\)/g)].flatMap(([, list = '']) =>
    list.split(',').map((label) => label.trim()),
  );
  const bare = expression
    .replaceAll(/\[[^\]]*\]/g, '')
    .replaceAll(/\b(?:by|on|without|ignoring|group_left)\s*\([^)]*\)/g, ' ');
  const asked: Asked[] = [];
  for (const [, name = '', selector = ''] of bare.matchAll(
    /\b([a-zA-Z_:][\w:]*)\b(?!\s*\()(?:\{([^}]*)\})?(?![^{]*\})/g,
  )) {
    // Words of the language have no underscore, but for these.
    if (!name.includes('_') || /^group_(?:left|right)$/.test(name)) continue;
    const labels: Asked['labels'] = Object.fromEntries(
      grouped.filter((label) => !NOT_OURS.has(label)).map((label) => [label, undefined]),
    );
    for (const [, key = '', operator = '', word = ''] of selector.matchAll(
      /(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"/g,
    )) {
      labels[key] = operator === '=' ? word : undefined;
    }
    asked.push({ name, labels });
  }
  return asked;
}
