const ADDRESS = /[^\s@"'<>(),;:]+@[^\s@"'<>(),;:]+/g;

/** A text without e-mail addresses: for everything that more people see than the request. */
export function withoutAddresses(text: string): string {
  return text.replaceAll(ADDRESS, '[hidden]');
}
