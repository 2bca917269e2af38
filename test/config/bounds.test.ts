import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  loadConfiguration,
  parseManifests,
  parseRequest,
  parseYaml,
  readText,
} from '../../src/config';
import { parseConfiguration } from '../../src/config';
import { vend } from '../cli/run-vend';

/** Inputs that are larger, deeper or odder than any that was meant: refused at once, with a sentence. */

const folder = mkdtempSync(join(tmpdir(), 'vend-bounds-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string, size?: number): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  if (size !== undefined) truncateSync(path, size);
  return path;
}

/** A busy machine is slow; what takes the square of its input is slower by orders. */
function quickly<T>(work: () => T): T {
  const began = Date.now();
  const result = work();
  expect(Date.now() - began).toBeLessThan(30_000);
  return result;
}

const REQUEST = { requestId: 'a', accountName: 'A', email: 'a@example.com' };
const problemsOf = (input: unknown) => {
  const parsed = parseRequest(input);
  return parsed.ok ? [] : parsed.problems;
};

describe('a request', () => {
  test('as large as any that makes sense is taken', () => {
    const tags = Object.fromEntries(
      Array.from({ length: 49 }, (_, n) => [`${n}`.padStart(128, 'ü'), 'ü'.repeat(256)]),
    );
    const packs = Array.from(
      { length: 200 },
      (_, n) => `ap-southeast-10/P${`${n}`.padStart(127, 'x')}`,
    );
    const regions = Array.from({ length: 50 }, (_, n) => `ap-southeast-${n + 1}`);
    const contact = { name: 'n'.repeat(64), title: 't'.repeat(50), email: 'a@b.cd', phone: '1' };
    const request = {
      ...REQUEST,
      tags,
      regions,
      conformance: { packs, regions },
      alternateContacts: { billing: contact, operations: contact, security: contact },
      notifyWorkflow: { workflowId: 'w'.repeat(1_000), signal: 's'.repeat(1_000) },
    };
    expect(problemsOf(request)).toEqual([]);
  });

  test('of two megabytes is refused before it is looked at', () => {
    const regions = Array.from({ length: 300_000 }, () => 'x');
    expect(quickly(() => problemsOf({ ...REQUEST, regions }))).toEqual([
      { field: '(whole input)', message: expect.stringContaining('at most 128 kB') },
    ]);
  });

  test('with many faults tells fifty of them, and how many more there are', () => {
    const more = Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`field${n}`, 1]));
    const problems = quickly(() => problemsOf({ ...REQUEST, ...more }));
    expect(problems).toHaveLength(51);
    expect(problems.at(-1)?.message).toBe('has 4950 more faults; mend these first');
  });
});

test('a list with too many entries is not searched for repeats', () => {
  const allowedDomains = Array.from({ length: 200_000 }, (_, n) => `a${n}.example.com`);
  const parsed = quickly(() => parseConfiguration({ email: { allowedDomains } }));
  expect(parsed.ok ? [] : parsed.problems).toEqual([
    { field: 'email.allowedDomains', message: 'has too many entries: at most 500' },
  ]);
});

describe('YAML', () => {
  const faultOf = (text: string) => {
    const parsed = quickly(() => parseYaml(text, 'f'));
    return parsed.ok ? undefined : parsed.problems[0]?.message;
  };

  test('whose aliases grow without end', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x]'];
    for (let n = 1; n < 12; n += 1) {
      lines.push(`a${n}: &a${n} [${Array.from({ length: 9 }, () => `*a${n - 1}`).join(', ')}]`);
    }
    expect(faultOf(lines.join('\n'))).toContain('uses aliases');
  });

  test.each([
    ['a hundred levels', 100],
    ['a hundred thousand', 100_000],
  ])('%s deep', (_, levels) => {
    expect(faultOf(`${'['.repeat(levels)}${']'.repeat(levels)}`)).toContain('more than 20 levels');
  });

  test('that contains itself', () => {
    expect(faultOf('a: &a { b: *a }')).toMatch(/levels|aliases/);
  });

  test('with a key __proto__ changes nothing in JavaScript, and is refused', () => {
    expect(faultOf('tags: { __proto__: { polluted: yes } }')).toContain('__proto__');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('a file', () => {
  const large = () => file('large.yaml', '# large\n', 20_000_000);

  test('that is larger than any manifest is not read: configuration, request, manifest', async () => {
    expect(() => loadConfiguration({ path: large() })).toThrow(/EFBIG, more than 10 MB/);
    for (const argv of [
      ['start', '-f', large()],
      ['apply', '-f', large()],
    ]) {
      const { status, stderr } = await vend(argv);
      expect([status, stderr]).toEqual([2, expect.stringContaining('more than 10 MB')]);
    }
  });

  test('is decoded as a whole: a character may stand in two reads', () => {
    const [head, name] = ['#'.repeat(65_535 - '\ntaskQueue: '.length), '€uro'];
    const path = file('two-reads.yaml', `${head}\ntaskQueue: ${name}`);
    expect(loadConfiguration({ path }).taskQueue).toBe(name);
  });

  test('that is a folder', async () => {
    expect(() => loadConfiguration({ path: folder })).toThrow(/EISDIR/);
    const { status, stderr } = await vend(['start', '-f', folder]);
    expect([status, stderr]).toEqual([2, expect.stringContaining('EISDIR')]);
  });

  test('that never ends, such as a pipe, is read so far and no further', async () => {
    let read = 0;
    const endless = Readable.from(
      (function* () {
        for (; ; read += 1) yield Buffer.alloc(1_000_000);
      })(),
    );
    await expect(readText(endless)).rejects.toThrow('more than 10 MB');
    expect(read).toBeLessThan(30);
    expect(() => loadConfiguration({ path: '/dev/zero' })).toThrow(/EFBIG, more than 10 MB/);
    const { status, stderr } = await vend(['start', '-f', '/dev/zero']);
    expect([status, stderr]).toEqual([2, expect.stringContaining('more than 10 MB')]);
  });
});

describe('a named pipe', () => {
  /** Another process writes into it, since who reads may block this one. */
  function pipe(name: string, script: string): string {
    const path = join(folder, name);
    execFileSync('mkfifo', [path]);
    spawn('sh', ['-c', `(${script}) > "$0"`, path], { stdio: 'ignore' });
    return path;
  }
  const LARGE = `head -c 20000000 /dev/zero | tr '\\0' '#'`;

  test('is read to its end, whatever its chunks are', () => {
    // Three bytes a character: no chunk of a power of two ends with one.
    const script = `printf '# '; yes '€' | head -n 100000 | tr -d '\\n'; printf '\\ntaskQueue: piped'`;
    const { taskQueue } = loadConfiguration({ path: pipe('fits', script) });
    expect(taskQueue).toBe('piped');
  });

  test('with more than any manifest is read no further: configuration, request, manifest', async () => {
    expect(() => loadConfiguration({ path: pipe('config', LARGE) })).toThrow(
      /EFBIG, more than 10 MB/,
    );
    for (const command of ['start', 'apply']) {
      const { status, stderr } = await vend([command, '-f', pipe(command, LARGE)]);
      expect([status, stderr]).toEqual([2, expect.stringContaining('EFBIG, more than 10 MB')]);
    }
  });
});

test('a manifest with a million entries is refused by its number', () => {
  const text = `name: many\naccounts: [${'1,'.repeat(100_000)}1]`;
  const parsed = parseManifests([{ file: 'many.yaml', text }], configuration());
  const messages = parsed.ok ? [] : parsed.problems.map(({ message }) => message);
  expect(messages).toContainEqual(expect.stringContaining('has too many entries: at most 5000'));
});

function configuration() {
  const parsed = parseConfiguration({});
  if (!parsed.ok) throw new Error('the defaults are wrong');
  return parsed.value;
}
