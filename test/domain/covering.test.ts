import { afterVerdict, isWaived, nextComplaintAtMs, reopened } from '../../src/domain/covering';
import { isCovered } from '../../src/domain/conformance';
import type { PackObservation, PackProgress } from '../../src/domain/conformance';
import type { ConformanceProgress } from '../../src/domain/memory';
import type { LookFault, Verdict } from '../../src/domain/watch/messages';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const HERE = 'eu-west-1';
const THERE = 'us-east-1';
const SUCCESSFUL = { status: 'CREATE_SUCCESSFUL' };
const FAULT: LookFault = {
  error: { operation: 'x', name: 'AccessDenied', message: 'no', outcome: 'rejected' },
  sinceMs: 0,
  count: 1,
};

function pack(name: string, changes: Partial<PackProgress> = {}): PackProgress {
  return { region: HERE, pack: name, failedLooks: 0, ...changes };
}

function covering(...packs: PackProgress[]): ConformanceProgress {
  return { packs, deadlineAtMs: 480 * MINUTE, looks: 0, seenAtMs: {} };
}

function told(
  progress: ConformanceProgress,
  seen: Record<string, PackObservation>,
  more: Partial<Verdict> & { scope?: 'account' | 'organization'; joinedAt?: string } = {},
  row: Partial<PackProgress> = {},
): ConformanceProgress {
  const { scope = 'account', joinedAt, ...rest } = more;
  const rows = Object.entries(seen).map(([name, one]) => pack(name, { seen: one, ...row }));
  const verdict: Verdict = {
    v: 1,
    region: HERE,
    accountId: '111111111111',
    of: 'run',
    ticket: 1,
    rows,
    ...rest,
  };
  const vend = {
    admission: { conformance: { scope } },
    memory: joinedAt ? { joinedAt } : {},
  };
  afterVerdict(progress, verdict, vend, 7 * MINUTE);
  return progress;
}

describe('what the watch of a region tells', () => {
  test('a row that nobody can see any more is waited for again; one that is waived is not', () => {
    const waived = { reason: 'known', by: 'Ada' };
    const seen = { row: SUCCESSFUL };
    const progress = told(
      covering(pack('P', { seen, verdict: { is: 'done' } }), pack('Q', { waived })),
      {},
      { rows: [pack('P'), pack('Q')], fault: FAULT },
    );
    expect(progress.packs).toEqual([pack('P', { seen }), pack('Q', { waived })]);
    expect(progress.packs.map(isCovered)).toEqual([false, true]);
  });

  test('changes the rows that are in it, and no other', () => {
    const other = pack('P', { region: THERE });
    const progress = told(covering(pack('P'), pack('Q'), other), { P: { row: SUCCESSFUL } });
    expect(progress.packs).toEqual([
      pack('P', { seen: { row: SUCCESSFUL }, verdict: { is: 'done' } }),
      pack('Q'),
      other,
    ]);
    expect(progress).toMatchObject({ looks: 1, seenAtMs: { [HERE]: 7 * MINUTE } });
    expect(progress.seenAtMs).not.toHaveProperty(THERE);
  });

  test('is of the pack of this owner', () => {
    const progress = covering(pack('P'), pack('P', { owner: 'owner-1' }));
    told(progress, { P: { row: SUCCESSFUL } }, {}, { owner: 'owner-1' });
    expect(progress.packs.map(isCovered)).toEqual([false, true]);
  });

  test('is judged by the vend itself: its scope, and when its account joined', () => {
    const row = { ...SUCCESSFUL, lastUpdateTime: '2026-01-01T00:00:00.000Z' };
    const is = (more: Parameters<typeof told>[2], seen: PackObservation = { row }) =>
      told(covering(pack('P')), { P: seen }, more).packs[0]?.verdict?.is;
    expect(is({})).toBe('done');
    expect(is({ scope: 'organization' })).toBe('waiting');
    expect(is({ scope: 'organization' }, { row, aggregate: SUCCESSFUL })).toBe('done');
    expect(is({ joinedAt: '2026-02-01T00:00:00.000Z' })).toBe('waiting');
  });

  const FAILED = { row: { status: 'CREATE_FAILED' } };
  const RECORDERLESS = {
    row: { status: 'CREATE_FAILED', errorCode: 'NoAvailableConfigurationRecorderException' },
  };

  test('failed looks, and since when no recorder runs, are as the watch counts them', () => {
    const progress = covering(pack('P', { noRecorderSinceMs: 3, failedLooks: 0 }));
    told(progress, { P: FAILED }, {}, { failedLooks: 2 });
    expect(progress.packs[0]).toMatchObject({ failedLooks: 2 });
    expect(progress.packs[0]).not.toHaveProperty('noRecorderSinceMs');
    told(progress, { P: RECORDERLESS }, {}, { noRecorderSinceMs: 5 });
    expect(progress.packs[0]).toMatchObject({ failedLooks: 0, noRecorderSinceMs: 5 });
  });

  test('a watch that begins anew does not make it forget what was seen before', () => {
    const progress = covering(pack('P', { failedLooks: 2 }), pack('Q', { noRecorderSinceMs: 3 }));
    told(progress, { P: FAILED }, {}, { failedLooks: 1 });
    told(progress, { Q: RECORDERLESS }, {}, { noRecorderSinceMs: 9 });
    expect(progress.packs).toMatchObject([{ failedLooks: 2 }, { noRecorderSinceMs: 3 }]);
    told(progress, { P: { row: SUCCESSFUL } });
    expect(progress.packs).toMatchObject([{ failedLooks: 0 }, { noRecorderSinceMs: 3 }]);
  });

  test('regions reopen each other once, and not for ever', () => {
    const done = { verdict: { is: 'done' } } as const;
    const progress = covering(pack('P', done), pack('P', { ...done, region: THERE }));
    progress.seenAtMs = { [HERE]: 0, [THERE]: HOUR };
    const isOpen = () => reopened(progress, progress.seenAtMs[THERE] ?? 0).map(isCovered);
    expect(isOpen()).toEqual([false, true]);
    progress.reopenedAtMs = HOUR;
    progress.seenAtMs = { [HERE]: 2 * HOUR, [THERE]: HOUR };
    expect(reopened(progress, 2 * HOUR).map(isCovered)).toEqual([true, true]);
  });

  test('one that was not ready any more when it was seen once more: the other is seen again, later', () => {
    const done = { verdict: { is: 'done' } } as const;
    const progress = covering(pack('P', done), pack('Q', { ...done, region: THERE }));
    progress.seenAtMs = { [HERE]: 0, [THERE]: HOUR };
    progress.packs = reopened(progress, HOUR);
    progress.reopenedAtMs = HOUR;
    told(progress, { P: { row: { status: 'UPDATE_IN_PROGRESS' } } });
    told(progress, { P: { row: SUCCESSFUL } });
    expect(progress.packs.map(isCovered)).toEqual([true, true]);
    progress.seenAtMs = { [HERE]: 7 * HOUR, [THERE]: HOUR };
    expect(reopened(progress, 7 * HOUR).map(isCovered)).toEqual([true, false]);
  });

  test('a pack that was waived stays waived', () => {
    const waived = { reason: 'later', by: 'ada' };
    const progress = told(covering(pack('P', { waived })), { P: { row: { status: 'X' } } });
    expect(progress.packs[0]).toMatchObject({ waived, verdict: { is: 'failed' } });
    expect(progress.packs.map((one) => [isWaived(one), isCovered(one)])).toEqual([[true, true]]);
    expect(isWaived(pack('Q'))).toBe(false);
  });

  test('a fault stays until the watch tells of its end, region by region', () => {
    const progress = covering(pack('P'));
    told(progress, {}, { fault: FAULT });
    told(progress, {}, { fault: FAULT, region: THERE });
    expect(progress.faults).toEqual({ [HERE]: FAULT, [THERE]: FAULT });
    told(progress, {});
    expect(progress.faults).toEqual({ [THERE]: FAULT });
  });

  test('a watch that is full has looked at nothing; once it has room that is forgotten', () => {
    const progress = covering(pack('P'));
    told(progress, {}, { fault: FAULT });
    told(progress, {}, { isFull: true, region: THERE });
    told(progress, {}, { isFull: true });
    told(progress, {}, { isFull: true });
    expect(progress.full).toEqual([THERE, HERE]);
    expect(progress).toMatchObject({ looks: 1, faults: { [HERE]: FAULT } });
    expect(progress.seenAtMs).toEqual({ [HERE]: 7 * MINUTE });
    told(progress, { P: { row: SUCCESSFUL } });
    expect(progress.full).toEqual([THERE]);
    expect(progress.packs.map(isCovered)).toEqual([true]);
  });
});

describe('a region that was ready long before the last one', () => {
  const done = (region: string, changes: Partial<PackProgress> = {}) =>
    pack('P', { region, seen: { row: SUCCESSFUL }, verdict: { is: 'done' }, ...changes });
  const after = (minutes: number, ...packs: PackProgress[]) => {
    const progress = { ...covering(...packs), seenAtMs: { [HERE]: 0, [THERE]: minutes * MINUTE } };
    return reopened(progress, minutes * MINUTE);
  };

  test('counts for fifteen minutes, and is then looked at once more', () => {
    const packs = [done(HERE), done(THERE)];
    expect(after(15, ...packs)).toEqual(packs);
    expect(after(15.01, ...packs).map(isCovered)).toEqual([false, true]);
  });

  test('shows until then what it showed', () => {
    expect(after(60, done(HERE))).toEqual([pack('P', { seen: { row: SUCCESSFUL } })]);
  });

  test('a pack that was waived is not looked at again', () => {
    const waived = done(HERE, { waived: { reason: 'later', by: 'ada' } });
    expect(after(60, waived)).toEqual([waived]);
  });

  test('one of which nothing was told is not older than any', () => {
    const progress = covering(done(HERE));
    expect(reopened(progress, 600 * MINUTE)).toEqual(progress.packs);
  });
});

describe('when time alone makes somebody be told', () => {
  const GRACE = 30 * MINUTE;
  const at = (packs: PackProgress[], nowMs: number, faults: number[] = []) =>
    nextComplaintAtMs(covering(...packs), GRACE, nowMs, faults) / MINUTE;

  test('the deadline, a missing recorder’s grace, or a fault’s patience: whichever is first', () => {
    const recorderless = pack('P', { noRecorderSinceMs: 20 * MINUTE });
    expect(at([pack('P')], 0)).toBe(480);
    expect(at([recorderless], 0)).toBe(50);
    expect(at([recorderless], 0, [45 * MINUTE])).toBe(45);
    expect(at([recorderless], 0, [70 * MINUTE])).toBe(50);
  });

  test('what is past is past; only a look can tell more then', () => {
    const recorderless = pack('P', { noRecorderSinceMs: 20 * MINUTE });
    expect(at([recorderless], 50 * MINUTE, [45 * MINUTE])).toBe(480);
    expect(at([recorderless], 480 * MINUTE)).toBe(Infinity);
  });

  test('a pack that is covered makes nobody be told', () => {
    const noRecorderSinceMs = 20 * MINUTE;
    const waived = pack('P', { noRecorderSinceMs, waived: { reason: 'later', by: 'ada' } });
    const done = pack('Q', { noRecorderSinceMs, verdict: { is: 'done' } });
    expect(at([waived, done], 0)).toBe(480);
  });
});
