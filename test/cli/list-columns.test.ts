import { COLUMNS, listLines, readColumns, type Row } from '../../src/cli/drawing/list-columns';
import { buildListQuery } from '../../src/cli/vends/list-query';

const rows: Row[] = [
  {
    requestId: 'team-a-with-quite-a-long-name',
    workflowId: 'vend-team-a-with-quite-a-long-name',
    runId: 'run-1',
    status: 'RUNNING',
    stage: 'creating',
    escalation: 'GOVCLOUD_ACCOUNT_ALREADY_EXISTS',
    accountId: '123456789012',
    organizationalUnitId: 'ou-ab12-cd34ef56',
    startedAt: new Date(Date.now() - 7_200_000).toISOString(),
  },
  {
    requestId: 'b',
    workflowId: 'parent/b',
    runId: 'run-2',
    status: 'RUNNING',
    stage: null,
    startedAt: new Date().toISOString(),
  },
];
const titles = (width: number | undefined) => listLines(rows, undefined, width)[0];

test('where nobody looks every column is there in full', () => {
  expect(titles(undefined)).toMatch(/^REQUEST +STAGE +ESCALATION +ACCOUNT +UNIT +STARTED +STATUS$/);
  expect(listLines(rows, undefined, undefined)[1]).toMatch(
    /^team-a-with-quite-a-long-name {2}creating {2}GOVCLOUD_ACCOUNT_ALREADY_EXISTS {2}123456789012 {2}ou-ab12-cd34ef56 {2}2 h 00 min ago {2}RUNNING$/,
  );
});

test.each([30, 40, 60, 80, 100, 120, 200])(
  'in %i columns nothing wraps, and no id is cut',
  (width) => {
    const lines = listLines(rows, undefined, width);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
    const has = (title: string, id: string) => lines[0]?.includes(title) === lines[1]?.includes(id);
    expect(lines[1]).toMatch(/^team-a-with-quite-a-long-name/);
    expect(has('ACCOUNT', '123456789012')).toBe(true);
    expect(has('UNIT', 'ou-ab12-cd34ef56')).toBe(true);
  },
);

test('the less important columns go first', () => {
  const most = [130, 110, 95, 75, 60, 45, 30].map((width) => titles(width)?.split(/ +/));
  expect(most).toEqual([
    ['REQUEST', 'STAGE', 'ESCALATION', 'ACCOUNT', 'UNIT', 'STARTED', 'STATUS'],
    ['REQUEST', 'STAGE', 'ESCALATION', 'ACCOUNT', 'UNIT', 'STARTED'],
    ['REQUEST', 'STAGE', 'ESCALATION', 'ACCOUNT', 'STARTED'],
    ['REQUEST', 'STAGE', 'ESCALATION', 'ACCOUNT'],
    ['REQUEST', 'STAGE', 'ESCALATION'],
    ['REQUEST', 'STAGE'],
    ['REQUEST'],
  ]);
});

test('an id that is longer than the terminal is wide is still whole', () => {
  expect(listLines(rows, undefined, 10)[1]).toBe('team-a-with-quite-a-long-name');
});

test('--columns are shown as given, whatever the width', () => {
  const chosen = readColumns(['workflow', 'request', 'workflow']);
  expect(listLines(rows, chosen, 20)[0]).toMatch(/^WORKFLOW +REQUEST$/);
  expect(listLines(rows, readColumns(['status', 'unit']), 5)[0]).toMatch(/^STATUS +UNIT$/);
  for (const name of COLUMNS) expect(readColumns([name])).toEqual([name]);
  expect(() => readColumns(['request', 'nonsense'])).toThrow(
    /--columns must be .*request, stage, .* \(not nonsense\)/,
  );
  expect(() => readColumns([])).toThrow('--columns must be');
});

describe('the query', () => {
  const vends = "WorkflowType = 'vendAccount'";

  test('shows what is under way, unless ended ones are asked for', () => {
    const running = `${vends} AND ExecutionStatus = 'Running'`;
    expect(buildListQuery({})).toBe(running);
    expect(buildListQuery({ all: true })).toBe(vends);
    expect(buildListQuery({ stage: 'done' })).toBe(`${vends} AND VendStage = 'done'`);
    expect(buildListQuery({ account: '123456789012' })).toBe(
      `${vends} AND VendAccountId = '123456789012'`,
    );
    expect(buildListQuery({ escalated: true, all: true })).toMatch(
      /VendEscalation IS NOT NULL AND ExecutionStatus = 'Running'$/,
    );
    expect(buildListQuery({ reason: 'OVERDUE' })).toMatch(
      /VendEscalation = 'OVERDUE' AND ExecutionStatus = 'Running'$/,
    );
  });

  test('older than is counted from now', () => {
    const [, at] = /StartTime < '(.*?)'/.exec(buildListQuery({ olderThan: '2h' })) ?? [];
    expect(Date.now() - Date.parse(at ?? '') - 7_200_000).toBeLessThan(60_000);
  });

  test('names every flag that is wrong, and lets nothing out of its quotes', () => {
    const wrong = () =>
      buildListQuery({
        stage: 'nowhere',
        reason: "X' OR WorkflowId = 'y",
        account: '12',
        organizationalUnit: 'Workloads/Prod',
        olderThan: 'long',
      });
    let problems: unknown;
    try {
      wrong();
    } catch (error) {
      ({ problems } = error as { problems: unknown });
    }
    const fields = (problems as { field: string }[]).map(({ field }) => field);
    expect(fields).toEqual([
      '--stage',
      '--reason',
      '--account',
      '--organizational-unit',
      '--older-than',
    ]);
  });
});

test('what a search attribute says moves no cursor', () => {
  const [, line = ''] = listLines(
    [
      {
        ...rows[0]!,
        stage: '\u001b]52;c;x\u0007',
        accountId: '1\u001b[2J',
        workflowId: '\u001b[H',
      },
    ],
    readColumns(['stage', 'account', 'workflow']),
    undefined,
  );
  expect(line).not.toMatch(/\p{Cc}/u);
});
