import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { moreAbout } from '../../src/cli/drawing/wording';
import { OwnReason } from '../../src/contract';
import type { VendNotification } from '../../src/contract';
import { vendDetails } from '../../src/domain/details';
import {
  FAILURE_REASONS,
  KNOWN_REASONS,
  isKnownException,
  judgeFailureReason,
} from '../../src/domain/dispositions';
import { RUNBOOK_REASONS, UNKNOWN_ENTRY, anchorOf, runbookEntry } from '../../src/domain/runbook';
import { toState } from '../../src/domain/memory';
import { notificationText, slackText } from '../../src/domain/notification-text';
import { vend } from '../cli/run-vend';
import { STARTED_AT, aMemory, anEscalation } from '../domain/fixtures';

const ROOT = join(__dirname, '../..');
const TEXT = readFileSync(join(ROOT, 'docs/runbook.md'), 'utf8');

interface Entry {
  heading: string;
  /** What a link can lead to. */
  anchors: string[];
  text: string;
}

/** The chapters about reasons: each of their entries is for reasons, and for nothing else. */
const REASON_CHAPTERS = TEXT.slice(
  TEXT.indexOf('\n## The request\n'),
  TEXT.indexOf('\n## A reason that nobody knows\n'),
);

function entriesOf(text: string): Entry[] {
  const heads = [...text.matchAll(/^((?:<a id="[^"]+"><\/a>)*)\n*^### (.*)$/gm)];
  return heads.map(({ index, 1: ids = '', 2: heading = '' }, at) => {
    const named = [...ids.matchAll(/id="([^"]+)"/g)].map(([, id = '']) => id);
    return {
      heading,
      anchors: named.length > 0 ? named : [anchorOf(heading)],
      text: text.slice(index, heads[at + 1]?.index),
    };
  });
}

const ENTRIES = entriesOf(REASON_CHAPTERS);
const ANCHORS = ENTRIES.flatMap(({ anchors }) => anchors);

test('every reason in the tables, every one of ours and every one of a pack has its entry', () => {
  const missing = [...RUNBOOK_REASONS].filter((reason) => !ANCHORS.includes(anchorOf(reason)));
  expect(missing).toEqual([]);
  expect(RUNBOOK_REASONS.size).toBeGreaterThan(100);
});

test('no entry is for a reason that does not exist, and none has two', () => {
  const known = new Set([...RUNBOOK_REASONS].map(anchorOf));
  expect(ANCHORS.filter((anchor) => !known.has(anchor))).toEqual([]);
  expect(ANCHORS.filter((anchor, index) => ANCHORS.indexOf(anchor) !== index)).toEqual([]);
});

test('every entry says what one sees, why, what to do and what happens then', () => {
  for (const { heading, text } of [...ENTRIES, unknownEntry()]) {
    const labels = [...text.matchAll(/^\*\*(You see|Why|Do|Then):\*\*/gm)].map(
      ([, label]) => label,
    );
    expect({ heading, labels }).toEqual({ heading, labels: ['You see', 'Why', 'Do', 'Then'] });
  }
});

test('an entry for several reasons names each of them, as AWS spells it', () => {
  for (const reason of RUNBOOK_REASONS) {
    const entry = ENTRIES.find(({ anchors }) => anchors.includes(anchorOf(reason)));
    expect({ reason, isNamed: entry?.text.includes(reason) }).toEqual({ reason, isNamed: true });
  }
});

test('where an entry says that the organization is answered, its reason holds the organization back', () => {
  for (const reason of Object.keys(FAILURE_REASONS)) {
    const { scope } = judgeFailureReason(reason);
    const entry = ENTRIES.find(({ anchors }) => anchors.includes(anchorOf(reason)));
    const answersAll = entry?.text.includes('resolve --organization --retry') ?? false;
    const waitsAlone = reason === 'PENDING_BUSINESS_VALIDATION';
    expect({ reason, answersAll: answersAll || waitsAlone }).toEqual({
      reason,
      answersAll: scope === 'organization',
    });
  }
});

test('a link leads to the entry of its reason; of a word that nobody knows, to one for such words', () => {
  expect(runbookEntry('EMAIL_ALREADY_EXISTS')).toBe('docs/runbook.md#email_already_exists');
  expect(runbookEntry('SCHEDULE_TO_START time-out')).toBe(
    'docs/runbook.md#schedule_to_start-time-out',
  );
  for (const word of ['NEVER_SEEN', 'constructor', '__proto__', '']) {
    expect(runbookEntry(word)).toBe(`docs/runbook.md#${UNKNOWN_ENTRY}`);
  }
  expect(TEXT).toContain('\n## A reason that nobody knows\n');
  expect(anchorOf('A reason that nobody knows')).toBe(UNKNOWN_ENTRY);
  expect(runbookEntry(OwnReason.OVERDUE, 'https://wiki.example.com/vending')).toBe(
    'https://wiki.example.com/vending#overdue',
  );
});

test('whoever is told of an escalation is led to its entry: Web UI, terminal, mail and chat', () => {
  const link = 'docs/runbook.md#email_already_exists';
  const state = toState(aMemory({ escalation: anEscalation(['retry']) }));
  const { escalation } = state;
  const notification: VendNotification = {
    type: 'vend.escalated',
    timestamp: STARTED_AT,
    data: { requestId: 'a', workflowId: 'vend-a', ...(escalation ? { escalation } : {}) },
  };
  expect(vendDetails(state)).toContain(link);
  expect(escalation && moreAbout(escalation)).toEqual([`More about it: ${link}`]);
  expect(notificationText(notification).text).toContain(`Runbook: ${link}`);
  expect(slackText(notification)).toContain(link);
});

test('the list of known reasons holds no word that the tables would judge as unknown', () => {
  const noAnswer = ENTRIES.find(({ heading }) => heading.startsWith('No usable answer'));
  for (const reason of KNOWN_REASONS) {
    const isKnown =
      Object.hasOwn(FAILURE_REASONS, reason) ||
      isKnownException({ name: reason }) ||
      isKnownException({ name: 'X', reason }) ||
      reason === 'ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED' ||
      noAnswer?.anchors.includes(anchorOf(reason));
    expect({ reason, isKnown }).toEqual({ reason, isKnown: true });
  }
});

test('every link of the page leads somewhere', () => {
  const headings = [...TEXT.matchAll(/^#{1,3} (.*)$/gm)].map(([, heading = '']) => slug(heading));
  const places = new Set([...headings, ...ANCHORS]);
  const links = [...TEXT.matchAll(/\]\(#([^)]+)\)/g)].map(([, place = '']) => place);
  expect(links.filter((place) => !places.has(place))).toEqual([]);
  expect(links.length).toBeGreaterThan(10);
});

/** The line as one would type it, with what is in capitals replaced. */
function typed(line: string): string[] {
  const filled = line
    .replace(/\s+#.*$/, '')
    .replaceAll('REGION/PACK', 'us-east-1/Baseline')
    .replaceAll('NEW_ADDRESS', 'new@example.com')
    .replaceAll('=ADDRESS', '=a@example.com')
    .replaceAll('ACCOUNT_ID', '111122223333')
    .replaceAll('NEW_ROLE', 'Vended')
    .replaceAll('PACK', 'Baseline')
    .replaceAll(/\bID\b/g, 'team-a');
  return [...filled.matchAll(/((?:[^\s']+|'[^']*')+)/g)]
    .slice(1)
    .map(([word]) => word.replaceAll("'", ''));
}

function commandsOf(text: string): string[] {
  const blocks = [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap(([, block = '']) =>
    block.split('\n'),
  );
  const inline = [...text.matchAll(/`(vend [^`]+)`/g)].map(([, line = '']) => line);
  return [...new Set([...blocks, ...inline])].filter((line) => line.startsWith('vend '));
}

test('every command on the page is one that the command line takes', async () => {
  const commands = commandsOf(TEXT);
  expect(commands.length).toBeGreaterThanOrEqual(25);
  const ended = await Promise.all(
    commands.map(async (line) => {
      const { status, stderr } = await vend(typed(line));
      return { line, status, stderr };
    }),
  );
  // Nobody listens where the command looks for Temporal: it got so far only with a fit command.
  expect(ended.filter(({ status }) => status !== 4)).toEqual([]);
});

function unknownEntry(): Entry {
  const [, from = ''] = TEXT.split('\n## A reason that nobody knows\n');
  const [text = ''] = from.split('\n## ');
  return { heading: 'A reason that nobody knows', anchors: [UNKNOWN_ENTRY], text };
}

/** As GitHub makes anchors of headings. */
function slug(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');
}
