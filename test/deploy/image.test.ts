import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(__dirname, '../..');
const read = (name: string) => readFileSync(join(root, name), 'utf8');

/** Its instructions, each on one line. */
const instructions = read('Dockerfile')
  .replaceAll(/\\\n\s*/g, '')
  .split('\n')
  .filter((line) => /^[A-Z]+ /.test(line))
  .map((line) => {
    const [, name = '', rest = ''] = /^([A-Z]+) (.*)$/.exec(line) ?? [];
    return { name, rest };
  });
const all = (name: string) => instructions.filter((each) => each.name === name);
const stages = instructions.reduce<{ from: string; steps: typeof instructions }[]>(
  (found, instruction) => {
    if (instruction.name === 'FROM') found.push({ from: instruction.rest, steps: [] });
    else found.at(-1)?.steps.push(instruction);
    return found;
  },
  [],
);
const last = stages.at(-1);

/** What is copied from outside, into any stage. */
const copied = all('COPY')
  .filter(({ rest }) => !rest.startsWith('--from='))
  .flatMap(({ rest }) => rest.split(' ').slice(0, -1));

describe('Dockerfile', () => {
  test('copies only what is there, and what .dockerignore lets through', () => {
    const allowed = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    expect(copied.length).toBeGreaterThan(5);
    for (const path of copied) {
      expect([path, existsSync(join(root, path)), allowed.includes(path)]).toEqual([
        path,
        true,
        true,
      ]);
    }
    expect([...new Set(copied)].toSorted()).toEqual(allowed.toSorted());
  });

  test('sends the builder nothing else: no .env, no configuration, no history', () => {
    expect(read('.dockerignore').split('\n')).toContain('*');
  });

  test('ends with an image that has no compiler and no test, and nobody in it is root', () => {
    expect(stages.length).toBeGreaterThan(2);
    const fromBuild = last?.steps.filter(({ rest }) => rest.startsWith('--from=build'));
    expect(fromBuild?.map(({ rest }) => rest)).toEqual(['--from=build /app/lib lib']);
    expect(last?.steps.filter(({ name }) => name === 'USER')).toEqual([
      { name: 'USER', rest: '1000:1000' },
    ]);
    const [user, command] = ['USER', 'CMD'].map((name) =>
      last?.steps.findIndex((step) => step.name === name),
    );
    expect(Number(user)).toBeLessThan(Number(command));
  });

  test('installs by the lock file, and runs no script of a package', () => {
    const installs = all('RUN').filter(({ rest }) => rest.startsWith('npm') && / ci/.test(rest));
    expect(installs.map(({ rest }) => rest)).toEqual([
      'npm ci --ignore-scripts',
      'npm ci --omit=dev --ignore-scripts',
    ]);
  });

  test('pins Node, and one that this project supports', () => {
    const [, version = ''] =
      /NODE_IMAGE=node:(\d+\.\d+\.\d+)-/.exec(all('ARG')[0]?.rest ?? '') ?? [];
    expect(Number(version.split('.')[0])).toBeGreaterThanOrEqual(20);
    for (const { from } of stages) expect(from).toMatch(/^\$\{NODE_IMAGE\}/);
  });

  test('says when it is well, by a program that the build makes', () => {
    const { rest = '' } = all('HEALTHCHECK')[0] ?? {};
    const [, file = ''] = /"(lib\/[\w-]+\.js)"/.exec(rest) ?? [];
    expect(existsSync(join(root, file.replace(/^lib(.*)\.js$/, 'src$1.ts')))).toBe(true);
  });
});
