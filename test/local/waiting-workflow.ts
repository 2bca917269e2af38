import { condition, defineSignal, setHandler, sleep } from '@temporalio/workflow';

export async function waitsThreeDays(): Promise<string> {
  await sleep('3 days');
  return 'waited';
}

export const answer = defineSignal('answer');

/** Ends early only when it is answered. */
export async function waitsForAnAnswer(): Promise<boolean> {
  let answered = false;
  setHandler(answer, () => {
    answered = true;
  });
  return condition(() => answered, '7 days');
}
