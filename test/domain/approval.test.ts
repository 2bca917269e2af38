import { approvalProblem } from '../../src/domain/approval';
import type { VendMemory } from '../../src/domain/memory';
import { aMemory } from './fixtures';

const waiting = (): VendMemory => ({
  ...aMemory(),
  stage: 'approving',
  requestedBy: 'grace',
  approval: { deadlineAtMs: 1_000, expiresAt: '1970-01-01T00:00:01.000Z' },
});

test('an approval counts until the deadline, and not at it or later', () => {
  const at = (now: number) => approvalProblem('approve', { by: 'ada' }, waiting(), now);
  expect(at(999)).toBeUndefined();
  expect(at(1_000)).toBe('the request for an approval has expired');
  expect(at(99_000)).toBe('the request for an approval has expired');
});

test.each(['grace', 'GRACE', ' grace ', 'grace@example.org'])(
  '%j is the one who asked, and may reject alone',
  (by) => {
    expect(approvalProblem('approve', { by }, waiting(), 0)).toContain('somebody else');
    expect(approvalProblem('reject', { by }, waiting(), 0)).toBeUndefined();
  },
);

test('once decided, no other verdict is taken', () => {
  const memory = waiting();
  if (memory.approval) memory.approval.verdict = 'rejected';
  expect(approvalProblem('approve', { by: 'ada' }, memory, 0)).toContain(
    'no approval is waited for',
  );
});

test.each(['', '  '])('the reason %j says nothing', (reason) => {
  expect(approvalProblem('reject', { by: 'ada', reason }, waiting(), 0)).toBe(
    'reason must say why',
  );
});
