import { ApplicationFailure, activityInfo } from '@temporalio/activity';

const SECOND = 1_000;
const TRY_AGAIN_MS = { first: 5 * SECOND, most: 60 * SECOND };

/**
 * Lets only so many of a kind be under way in this worker. A worker has a hundred places for
 * activities: whoever does not answer must not take those of CreateAccount.
 */
export function atMost<Input>(
  most: number,
  kindOf: (input: Input) => string,
  work: (input: Input) => Promise<void>,
): (input: Input) => Promise<void> {
  const underWay = new Map<string, number>();
  return async (input) => {
    const kind = kindOf(input);
    const others = underWay.get(kind) ?? 0;
    if (others >= most) {
      throw ApplicationFailure.create({
        message: `${others} of this kind are under way`,
        type: 'TooManyUnderWay',
        nextRetryDelay: untilNextTryMs(activityInfo().attempt),
      });
    }
    underWay.set(kind, others + 1);
    try {
      await work(input);
    } finally {
      const left = (underWay.get(kind) ?? 1) - 1;
      if (left > 0) underWay.set(kind, left);
      else underWay.delete(kind);
    }
  };
}

/**
 * Ever later: thousands that wait for one that does not answer would take the worker's time with asking. And not all
 * at once, or most of them would find the places taken by the others again.
 */
function untilNextTryMs(attempt: number): number {
  const ms = Math.min(TRY_AGAIN_MS.most, TRY_AGAIN_MS.first * 2 ** (attempt - 1));
  return Math.round(ms * (0.5 + Math.random()));
}
