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
  const isName = typeof accountName === 'string' && accountName.trim() !== '';
  // The name first: there may be something like an address in it.
  return withoutAddresses(isName ? text.replaceAll(accountName, '[hidden]') : text);
}

/** What others wrote, where it is one line among ours: with a line break it could pass for more of them. */
export function onOneLine(text: string): string {
  return text.replaceAll(/\s*[\n\v\f\r\u0085\u2028\u2029]+\s*/g, ' ');
}
