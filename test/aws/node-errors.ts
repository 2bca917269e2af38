import { types } from 'node:util';

/**
 * Inside jest the errors of Node itself are no `instanceof Error`, so the SDK wraps them and their
 * `code` is lost. After this they are, as outside of jest.
 */
export function useNodeErrors(): void {
  const usual = Function.prototype[Symbol.hasInstance];
  Object.defineProperty(Error, Symbol.hasInstance, {
    configurable: true,
    value(this: unknown, value: unknown): boolean {
      return this === Error ? types.isNativeError(value) : usual.call(this, value);
    },
  });
}
