import { PassThrough } from 'node:stream';
import type { Look } from '../../src/cli/vends/look';
import { plainProgress } from '../../src/cli/drawing/progress-plain';
import { ago, escalation, io, seen, type Seen } from './looks';

/** Plain progress; what a look newly prints, times as `T`. */
function progress(): (looks: readonly Look[]) => string {
  const stream = new PassThrough();
  const { show } = plainProgress(io, stream);
  return (looks) => {
    show(looks);
    return String(stream.read() ?? '').replaceAll(/^(?:\S+ )?\d\d:\d\d:\d\d {2}/gm, 'T ');
  };
}

/** The same vend, seen anew. */
function later(look: Look, more: Look): Look {
  return Object.assign(look, { ...more, ref: look.ref });
}

test('each stage once, with the time that the one before took', () => {
  const print = progress();
  const look = seen();
  expect(print([look])).toBe('T team-a  queued\nT team-a  creating (queued took 60 s)\n');
  expect(print([look])).toBe('');
  const stages: Seen['stages'] = [
    ['queued', 300],
    ['creating', 240],
    ['placing', 0],
  ];
  later(look, seen({ stages }));
  expect(print([look])).toBe('T team-a  placing (creating took 4 min)\n');
});

test('a wait once, also where its counters and times change', () => {
  const waiting = (seconds: number) =>
    seen({
      state: { waitingFor: `AWS to create (car-1234567890ab, ${seconds} s); next look soon` },
    });
  const look = waiting(3);
  const print = progress();
  expect(print([look])).toContain('waits for AWS to create (car-1234567890ab, 3 s)\n');
  expect(print([later(look, waiting(9))])).toBe('');
});

test('an escalation with what can be typed, once; its answer; the end', () => {
  const look = seen({ state: { escalation: escalation() } });
  const print = progress();
  const first = print([look]);
  expect(print([look])).toBe('');
  expect(first).toContain('T team-a  needs a person: EMAIL_ALREADY_EXISTS. The e-mail');
  expect(first).toContain('            vend resolve team-a --amend email=NEW_ADDRESS\n');
  const failure = { type: 'VendAbandoned', message: 'no need', details: [] };
  const ended = seen({ status: 'FAILED' });
  later(look, { ...ended, view: { ...ended.view!, failure } });
  expect(print([look])).toMatch(/T team-a {2}FAILED: VendAbandoned: no need\.\n$/);
});

test('that Temporal is away is told once for all, and told again after it came back', () => {
  const looks = Array.from({ length: 3 }, (_, index) => seen({ id: `a${index}`, stages: [] }));
  const away = () => looks.forEach((look) => (look.outage = true));
  const back = () => looks.forEach((look) => (look.outage = false));
  const print = progress();
  const said = [back, away, away, back, away].map((happens) => {
    happens();
    return print(looks).match(/Temporal .*/g) ?? [];
  });
  const gone = 'Temporal does not answer; trying again';
  expect(said).toEqual([[], [gone], [], ['Temporal answers again'], [gone]]);
});

describe('many vends', () => {
  const looks = () =>
    Array.from({ length: 25 }, (_, index) =>
      seen({ id: `v${index}`, state: null, stages: [['queued', 60]] }),
    );

  test('how they stood is summed up on one line; who needs a person is told', () => {
    const some = looks();
    some[3] = seen({ id: 'help', state: { escalation: escalation() } });
    const first = progress()(some);
    expect(first).toMatch(/^T 25 vends: 1 needs a person, 24 under way\nT help {2}needs a person/);
    expect(first).not.toContain('v1 ');
  });

  test('what happens from then on is told for each, and not again when it is read in full', () => {
    const some = looks();
    const print = progress();
    print(some);
    later(some[7]!, seen({ id: 'v7', state: null, stages: [['creating', 0]] }));
    expect(print(some)).toBe('T v7  creating\n');
    later(
      some[7]!,
      seen({
        id: 'v7',
        stages: [
          ['queued', 60],
          ['creating', 2],
        ],
      }),
    );
    later(
      some[8]!,
      seen({
        id: 'v8',
        stages: [
          ['queued', 60],
          ['creating', 0],
        ],
      }),
    );
    some[7]!.view!.state!.history.push({ at: ago(30_000), stage: 'queued', note: 'an old one' });
    some[8]!.view!.state!.history.at(-1)!.at = ago(-50);
    expect(print(some)).toBe('T v8  creating (queued took 60 s)\n');
  });

  test('of a worker that is away, Temporal itself tells who needs a person', () => {
    const some = looks();
    const attributes = { VendEscalation: 'OVERDUE' };
    some[3] = seen({ id: 'help', state: null, attributes, look: { silent: true } });
    const first = progress()(some);
    expect(first).toContain('T help  no worker answers; Temporal says RUNNING\n');
    expect(first).toContain('T help  needs a person: OVERDUE\n');
  });
});
