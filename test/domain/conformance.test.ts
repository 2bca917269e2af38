import {
  afterLook,
  conformanceComplaint,
  conformanceRow,
  isCovered,
  isListed,
  judgePack,
  packLabel,
  settlesRow,
} from '../../src/domain/conformance';
import type {
  DeploymentStatus,
  PackObservation,
  PackProgress,
  PackVerdict,
} from '../../src/domain/conformance';

const PACK = { region: 'eu-west-1', pack: 'Baseline' };
const NO_RECORDER_CODE = 'NoAvailableConfigurationRecorderException';

function status(text: string, more: Partial<DeploymentStatus> = {}): DeploymentStatus {
  return { status: text, ...more };
}

const SUCCESSFUL = status('CREATE_SUCCESSFUL');
const UPDATED = status('UPDATE_SUCCESSFUL');
const CREATING = status('CREATE_IN_PROGRESS');
const FAILED = status('CREATE_FAILED', { errorCode: 'InsufficientPermissions' });
const LEFT = { reason: 'AccountNotFoundException', what: 'the account is no member any more' };
const RECORDERLESS = status('CREATE_FAILED', { errorCode: NO_RECORDER_CODE });

interface Look {
  row?: DeploymentStatus;
  aggregate?: DeploymentStatus;
  excluded?: true;
  gone?: true;
  departed?: typeof LEFT;
}
type Scope = 'account' | 'organization';
type Is = PackVerdict['is'];

function judge(look: Look, scope: Scope = 'account', joinedAt?: string): PackVerdict {
  return judgePack({ ...PACK, ...look }, scope, joinedAt);
}

describe('what a look at a pack means for the account', () => {
  test.each<[string, Scope, Look, Is]>([
    // The account's own row decides.
    ['no row yet, whatever the organization says', 'account', { aggregate: SUCCESSFUL }, 'waiting'],
    ['no row and no aggregate', 'account', {}, 'waiting'],
    ['created', 'account', { row: SUCCESSFUL }, 'done'],
    ['updated', 'account', { row: UPDATED }, 'done'],
    ['being created', 'account', { row: CREATING }, 'waiting'],
    ['being updated', 'account', { row: status('UPDATE_IN_PROGRESS') }, 'waiting'],
    ['failed', 'account', { row: FAILED }, 'failed'],
    ['failed to update', 'account', { row: status('UPDATE_FAILED') }, 'failed'],
    ['being deleted', 'account', { row: status('DELETE_IN_PROGRESS') }, 'failed'],
    ['deleted', 'account', { row: status('DELETE_SUCCESSFUL') }, 'failed'],
    ['failed to delete', 'account', { row: status('DELETE_FAILED') }, 'failed'],
    ['a status never seen', 'account', { row: status('NEVER_SEEN') }, 'failed'],
    [
      'a status that only looks successful',
      'account',
      { row: status('X_CREATE_SUCCESSFUL_X') },
      'failed',
    ],
    ['no recorder, by its code', 'account', { row: RECORDERLESS }, 'no-recorder'],
    [
      'no recorder, by its text',
      'account',
      { row: status('CREATE_FAILED', { errorMessage: `[${NO_RECORDER_CODE} in 1 account(s), ]` }) },
      'no-recorder',
    ],
    // Another account's failure, or a stuck aggregate, does not hold this one back.
    ['another account failed', 'account', { row: SUCCESSFUL, aggregate: FAILED }, 'done'],
    ['a stuck aggregate', 'account', { row: SUCCESSFUL, aggregate: CREATING }, 'done'],
    // Where the organization counts too, both must be successful.
    ['both successful', 'organization', { row: SUCCESSFUL, aggregate: UPDATED }, 'done'],
    ['only the organization', 'organization', { aggregate: SUCCESSFUL }, 'waiting'],
    ['only the account', 'organization', { row: SUCCESSFUL }, 'waiting'],
    [
      'the organization on its way',
      'organization',
      { row: UPDATED, aggregate: CREATING },
      'waiting',
    ],
    ['the organization failed', 'organization', { row: UPDATED, aggregate: FAILED }, 'failed'],
    ['the account failed', 'organization', { row: FAILED, aggregate: SUCCESSFUL }, 'failed'],
    ['the account on its way', 'organization', { row: CREATING, aggregate: FAILED }, 'waiting'],
    // A pack that leaves the account out is not waited for.
    ['left out', 'account', { excluded: true }, 'done'],
    [
      'left out, organization on its way',
      'organization',
      { excluded: true, aggregate: CREATING },
      'done',
    ],
    // A pack that is gone is a person's concern, never "not yet".
    ['gone', 'account', { gone: true }, 'failed'],
    ['gone, for the organization', 'organization', { gone: true }, 'failed'],
    // Nor is an account that has left: no row will come.
    ['left the organization', 'account', { departed: LEFT }, 'failed'],
    [
      'left, whatever the organization says',
      'organization',
      { departed: LEFT, aggregate: SUCCESSFUL },
      'failed',
    ],
    ['left out, and left', 'account', { excluded: true, departed: LEFT }, 'done'],
  ])('%s (scope %s)', (_, scope, look, expected) => {
    expect(judge(look, scope).is).toBe(expected);
  });

  test('a failure tells AWS’s code and text; without a code the status', () => {
    const failed = { ...FAILED, errorMessage: 'the role may not be passed' };
    expect(judge({ row: failed })).toEqual({
      is: 'failed',
      reason: 'InsufficientPermissions',
      what: expect.stringContaining('the role may not be passed'),
    });
    expect(judge({ row: status('UPDATE_FAILED') })).toMatchObject({ reason: 'UPDATE_FAILED' });
  });

  test('a pack that is gone tells AWS’s own word', () => {
    expect(judge({ gone: true })).toMatchObject({
      reason: 'NoSuchOrganizationConformancePackException',
    });
  });

  test('an account that has left tells AWS’s word, and what can be done: not to deploy again', () => {
    expect(judge({ departed: LEFT })).toEqual({
      is: 'failed',
      ...LEFT,
      advice: expect.stringMatching(/deploys nothing .*back into the organization.*waive.*abandon/),
    });
  });

  test('a missing recorder is told by AWS’s code; without a code by the exception’s name', () => {
    expect(judge({ row: RECORDERLESS })).toEqual({
      is: 'no-recorder',
      own: true,
      reason: NO_RECORDER_CODE,
    });
    const errorMessage = `Summary: [${NO_RECORDER_CODE} in 1 account(s), ]`;
    expect(judge({ row: status('UPDATE_FAILED', { errorMessage }) })).toMatchObject({
      reason: 'NoAvailableConfigurationRecorder',
    });
  });

  test('what was said of the organization is not said of the account', () => {
    const where = (look: Look) => JSON.stringify(judge(look, 'organization'));
    for (const aggregate of [CREATING, FAILED]) {
      expect(where({ row: SUCCESSFUL, aggregate })).toContain(`${aggregate.status} in the organ`);
    }
    for (const row of [CREATING, FAILED]) {
      expect(where({ row, aggregate: SUCCESSFUL })).toContain(`${row.status} in this account`);
    }
  });

  describe('of an account that joined an organization', () => {
    const joinedAt = '2026-11-22T05:00:00.000Z';
    test.each<[string, string | undefined, Is]>([
      ['before it joined is another membership’s', '2026-11-22T04:59:59.999Z', 'waiting'],
      ['of the very moment counts', joinedAt, 'done'],
      ['after it counts', '2026-11-22T05:00:00.001Z', 'done'],
    ])('a successful row from %s', (_, lastUpdateTime, expected) => {
      const row = status('CREATE_SUCCESSFUL', lastUpdateTime ? { lastUpdateTime } : {});
      expect(judge({ row }, 'account', joinedAt).is).toBe(expected);
    });

    test('a row from before is not believed for the organization’s sake either', () => {
      const row = status('CREATE_SUCCESSFUL', { lastUpdateTime: '2026-01-01T00:00:00.000Z' });
      expect(judge({ row, aggregate: SUCCESSFUL }, 'organization', joinedAt).is).toBe('waiting');
    });

    test('of an account that this vend created every row is its own', () => {
      const row = status('CREATE_SUCCESSFUL', { lastUpdateTime: '2020-01-01T00:00:00.000Z' });
      expect(judge({ row }).is).toBe('done');
    });
  });

  test('what is waited for is said in words', () => {
    for (const look of [{}, { row: CREATING }]) {
      expect(judge(look)).toMatchObject({ for: expect.stringMatching(/\w+ \w+/) });
    }
  });
});

describe('what the lists show, and what they do not', () => {
  const all = ['CREATE', 'UPDATE', 'DELETE'].flatMap((verb) =>
    ['IN_PROGRESS', 'FAILED', 'SUCCESSFUL'].map((end) => `${verb}_${end}`),
  );

  test('in progress or failed, on the way in', () => {
    expect(all.filter((text) => isListed(status(text)))).toEqual([
      'CREATE_IN_PROGRESS',
      'CREATE_FAILED',
      'UPDATE_IN_PROGRESS',
      'UPDATE_FAILED',
    ]);
    expect(isListed(status('X_CREATE_FAILED_X'))).toBe(false);
    expect(isListed(undefined)).toBe(false);
  });

  test('a row is settled while it is successful', () => {
    expect(all.filter((text) => settlesRow(status(text)))).toEqual([
      'CREATE_SUCCESSFUL',
      'UPDATE_SUCCESSFUL',
    ]);
    expect(settlesRow(undefined)).toBe(false);
  });

  test('and of this membership', () => {
    const row = { ...SUCCESSFUL, lastUpdateTime: '2026-11-22T05:00:00.000Z' };
    expect(settlesRow(row, '2026-11-22T05:00:00.001Z')).toBe(false);
    expect(settlesRow(row, '2026-11-22T05:00:00.000Z')).toBe(true);
    expect(settlesRow(SUCCESSFUL, '2026-11-22T05:00:00.000Z')).toBe(true);
  });
});

const FRESH: PackProgress = { ...PACK, failedLooks: 0 };

/** The progress after looks one minute apart, the first at minute 0. */
function looks(...rows: (DeploymentStatus | undefined)[]): PackProgress {
  return rows.reduce<PackProgress>((progress, row, minute) => {
    const seen: PackObservation = { ...PACK, ...(row ? { row } : {}) };
    return afterLook(progress, seen, judgePack(seen, 'account'), minute * MINUTE);
  }, FRESH);
}

const MINUTE = 60_000;
const CLOCK = { nowMs: 10 * MINUTE, deadlineAtMs: 480 * MINUTE, recorderGraceMs: 30 * MINUTE };

describe('complaints', () => {
  test('no look yet: nobody is bothered', () => {
    expect(conformanceComplaint([FRESH], CLOCK)).toBeUndefined();
    expect(isCovered(FRESH)).toBe(false);
  });

  test('a failure is believed at the second look that shows it', () => {
    expect(conformanceComplaint([looks(FAILED)], CLOCK)).toBeUndefined();
    expect(conformanceComplaint([looks(FAILED, FAILED)], CLOCK)).toMatchObject({
      reason: 'InsufficientPermissions',
    });
    expect(conformanceComplaint([looks(FAILED, FAILED, FAILED)], CLOCK)).toBeDefined();
  });

  test('it ends by itself when AWS moves on', () => {
    expect(conformanceComplaint([looks(FAILED, FAILED, CREATING)], CLOCK)).toBeUndefined();
    const mended = looks(FAILED, FAILED, CREATING, SUCCESSFUL);
    expect(conformanceComplaint([mended], CLOCK)).toBeUndefined();
    expect(isCovered(mended)).toBe(true);
  });

  test('a failure that was mended and comes back is looked at twice again', () => {
    expect(conformanceComplaint([looks(FAILED, FAILED, CREATING, FAILED)], CLOCK)).toBeUndefined();
  });

  test('a covered pack can lose its cover again', () => {
    expect(isCovered(looks(SUCCESSFUL, CREATING))).toBe(false);
  });

  describe('no configuration recorder', () => {
    const at = (minutes: number) => ({ ...CLOCK, nowMs: minutes * MINUTE });

    test('is waited for quietly until the grace is over, and never counts as a failure', () => {
      const waiting = looks(RECORDERLESS, RECORDERLESS, RECORDERLESS);
      expect(conformanceComplaint([waiting], at(29.9))).toBeUndefined();
      expect(conformanceComplaint([waiting], at(30))).toMatchObject({ reason: NO_RECORDER_CODE });
      expect(isCovered(waiting)).toBe(false);
    });

    test('the grace counts from the first look in a row that showed it', () => {
      const again = looks(RECORDERLESS, CREATING, RECORDERLESS, RECORDERLESS);
      expect(again.noRecorderSinceMs).toBe(2 * MINUTE);
      expect(looks(RECORDERLESS, CREATING).noRecorderSinceMs).toBeUndefined();
      expect(conformanceComplaint([again], at(31))).toBeUndefined();
      expect(conformanceComplaint([again], at(32))).toBeDefined();
    });

    test('goes on by itself once the recorder runs', () => {
      expect(isCovered(looks(RECORDERLESS, RECORDERLESS, SUCCESSFUL))).toBe(true);
      expect(conformanceComplaint([looks(RECORDERLESS, SUCCESSFUL)], at(300))).toBeUndefined();
    });
  });

  test('the recorder that another account lacks is not said to be missing in this one', () => {
    const seen = { ...PACK, row: SUCCESSFUL, aggregate: RECORDERLESS };
    const verdict = judgePack(seen, 'organization');
    const once = afterLook(FRESH, seen, verdict, 0);
    const twice = afterLook(once, seen, verdict, MINUTE);
    const complaint = conformanceComplaint([twice], { ...CLOCK, nowMs: 60 * MINUTE });
    expect(complaint).toMatchObject({ reason: NO_RECORDER_CODE });
    expect(complaint?.message).not.toContain('the account has had no');
  });

  describe('the deadline', () => {
    const late = { ...CLOCK, nowMs: CLOCK.deadlineAtMs };

    test('asks a person where a pack is not successful, naming it and what it shows', () => {
      const other = { ...looks(SUCCESSFUL), pack: 'Other' };
      const complaint = conformanceComplaint([looks(CREATING), other], late);
      expect(complaint).toMatchObject({ reason: 'CONFORMANCE_DEADLINE' });
      expect(complaint?.message).toContain('eu-west-1/Baseline (CREATE_IN_PROGRESS)');
      expect(complaint?.message).not.toContain('Other');
      expect(complaint?.message).toContain('1 of 2');
    });

    test('not a moment earlier', () => {
      const clock = { ...late, nowMs: late.deadlineAtMs - 1 };
      expect(conformanceComplaint([looks(CREATING)], clock)).toBeUndefined();
    });

    test('nobody hears of it where all is successful, excluded or waived', () => {
      const excluded = afterLook(FRESH, { ...PACK, excluded: true }, { is: 'done' }, 0);
      const waived = { ...looks(FAILED, FAILED), waived: { reason: 'later', by: 'ada' } };
      expect(conformanceComplaint([looks(SUCCESSFUL), excluded, waived], late)).toBeUndefined();
      expect([excluded, waived].every(isCovered)).toBe(true);
    });
  });

  test('the worst is told first: a failure, then a missing recorder, then the deadline', () => {
    const failed = { ...looks(FAILED, FAILED), pack: 'C' };
    const recorderless = { ...looks(RECORDERLESS), pack: 'B' };
    const slow = { ...looks(CREATING), pack: 'A' };
    const late = { ...CLOCK, nowMs: CLOCK.deadlineAtMs };
    const reason = (...packs: PackProgress[]) => conformanceComplaint(packs, late)?.reason;
    expect(reason(slow, recorderless, failed)).toBe('InsufficientPermissions');
    expect(reason(slow, recorderless)).toBe(NO_RECORDER_CODE);
    expect(reason(slow)).toBe('CONFORMANCE_DEADLINE');
  });

  test('an account that has left is believed at the second look, with its own advice', () => {
    const once = afterLook(FRESH, { departed: LEFT }, judge({ departed: LEFT }), 0);
    expect(conformanceComplaint([once], CLOCK)).toBeUndefined();
    const twice = afterLook(once, { departed: LEFT }, judge({ departed: LEFT }), MINUTE);
    const complaint = conformanceComplaint([twice], CLOCK);
    expect(complaint).toMatchObject({ reason: 'AccountNotFoundException' });
    expect(complaint?.message).toContain('Bring it back into the organization');
    expect(complaint?.message).not.toContain('deploy the pack again');
  });

  test('a missing recorder says for how long, and in whose account', () => {
    const message = (pack: PackProgress) =>
      conformanceComplaint([pack], { ...CLOCK, nowMs: 40 * MINUTE })?.message;
    expect(message(looks(undefined, RECORDERLESS))).toContain('the account has had no');
    expect(message(looks(undefined, RECORDERLESS))).toContain('for 39 min');
  });

  test('at the deadline a row that is successful says what else is waited for', () => {
    const late = { ...CLOCK, nowMs: CLOCK.deadlineAtMs };
    const seen = { row: SUCCESSFUL };
    const pack = afterLook(FRESH, seen, judgePack(seen, 'organization'), 0);
    expect(conformanceComplaint([pack], late)?.message).toContain(
      '(CREATE_SUCCESSFUL, waits for the organization-wide status)',
    );
    expect(conformanceComplaint([looks(CREATING)], late)?.message).not.toContain('waits for');
  });

  test('a pack of a delegated administrator is told with its owner', () => {
    const owned = { ...looks(FAILED, FAILED), owner: '222222222222' };
    expect(packLabel(owned)).toBe('eu-west-1/Baseline of 222222222222');
    expect(packLabel(FRESH)).toBe('eu-west-1/Baseline');
    const late = { ...CLOCK, nowMs: CLOCK.deadlineAtMs };
    for (const pack of [owned, { ...looks(CREATING), owner: '222222222222' }]) {
      expect(conformanceComplaint([pack], late)?.message).toContain(packLabel(owned));
    }
  });

  test('each names the pack and says what to do', () => {
    const late = { ...CLOCK, nowMs: CLOCK.deadlineAtMs };
    for (const pack of [looks(FAILED, FAILED), looks(RECORDERLESS), looks(CREATING)]) {
      const message = conformanceComplaint([pack], late)?.message;
      expect(message).toContain('eu-west-1/Baseline');
      expect(message).toMatch(/\b(?:mend|start|retry|waive|deploy)/i);
      expect(message).toMatch(/\.$/);
    }
  });
});

describe('rows of state and result', () => {
  test('as AWS spells them, with code, text and time where AWS gives them', () => {
    const full = {
      ...FAILED,
      errorMessage: 'the role may not be passed',
      lastUpdateTime: '2026-11-22T05:00:00.000Z',
    };
    expect(conformanceRow(looks(full))).toEqual({ ...PACK, ...full });
    expect(conformanceRow(looks(UPDATED))).toEqual({ ...PACK, status: 'UPDATE_SUCCESSFUL' });
  });

  test('EXCLUDED where the pack leaves the account out', () => {
    const excluded = afterLook(FRESH, { ...PACK, excluded: true }, { is: 'done' }, 0);
    expect(conformanceRow(excluded)).toEqual({ ...PACK, status: 'EXCLUDED' });
  });

  test('WAIVED with who and why, and still what AWS said', () => {
    const waived = { ...looks(FAILED), waived: { reason: 'mended next week', by: 'ada' } };
    expect(conformanceRow(waived)).toEqual({
      ...PACK,
      status: 'WAIVED',
      errorCode: 'InsufficientPermissions',
      reason: 'mended next week',
      by: 'ada',
    });
  });

  test('with the owner, where that is a delegated administrator', () => {
    const owned = { ...looks(SUCCESSFUL), owner: '222222222222' };
    expect(conformanceRow(owned)).toMatchObject({ owner: '222222222222' });
  });

  test('a row that is not there yet is no error', () => {
    expect(conformanceRow(FRESH)).toEqual({ ...PACK, status: 'NO_ROW' });
    expect(conformanceRow(looks(undefined))).toEqual({ ...PACK, status: 'NO_ROW' });
  });
});
