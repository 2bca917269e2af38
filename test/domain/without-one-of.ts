/**
 * A message is taken as it is, and with members that nobody knows; without one of those that are needed, or with one of
 * another type, it is refused. So is what is no such thing at all.
 */
export function isRefusedWithoutOneOf(
  what: string,
  isMessage: (given: unknown) => boolean,
  messages: readonly (readonly [message: object, needed: readonly string[]])[],
): void {
  test.each(messages)(`${what} %j is taken, and refused without one of %j`, (message, needed) => {
    expect(isMessage(message)).toBe(true);
    expect(isMessage({ ...message, more: { unknown: 1 } })).toBe(true);
    const passed = needed.filter((name) => {
      const rest = Object.entries(message).filter(([other]) => other !== name);
      const without = Object.fromEntries(rest);
      return [without, ...[null, {}, true].map((value) => ({ ...without, [name]: value }))].some(
        (one) => isMessage(one),
      );
    });
    expect(passed).toEqual([]);
  });

  test.each([undefined, null, 7, 'text', [], [[]], {}, NOTICE])(`%j is no ${what}`, (given) => {
    expect(isMessage(given)).toBe(false);
  });
}

/** What a vend tells the workflow that its request names. */
const NOTICE = {
  requestId: 'a',
  workflowId: 'vend-a',
  stage: 'done',
  accountId: '111122223333',
};
