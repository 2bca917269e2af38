import { invalid } from './errors';

export function wholeNumber(given: string, flag: string, max: number): number {
  const value = /^\d{1,10}$/.test(given) ? Number(given) : -1;
  if (value < 0 || value > max) throw invalid(`${flag} must be a whole number from 0 to ${max}.`);
  return value;
}
