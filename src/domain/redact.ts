const WORD = /[^\s"'<>(),;:]+/g;
const ADDRESS_IN_IT = /[^@]@[^@]/;

/** A text without e-mail addresses: for everything that more people see than the request. */
export function withoutAddresses(text: string): string {
  // Word by word: one expression for all of it takes the square of a long text without an @.
  return text.replaceAll(WORD, (word) => (ADDRESS_IN_IT.test(word) ? '[hidden]' : word));
}

/**
 * The same, and without the account's name: for what people write who know it.
 * @param accountName the request's, as it stands now
 */
export function withoutPersonal(text: string, accountName: unknown): string {
  const clean = withoutAddresses(text);
  const isName = typeof accountName === 'string' && accountName.trim() !== '';
  return isName ? clean.replaceAll(accountName, '[hidden]') : clean;
}
