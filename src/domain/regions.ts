/** A region as an account has it. */
export interface RegionStatus {
  region: string;
  /** As AWS spells it: `DISABLED`, `ENABLING`, … */
  status: string;
}

/** AWS changes at most six regions of an account at a time. */
const CHANGES_AT_ONCE = 6;

export function isEnabled({ status }: RegionStatus): boolean {
  return status === 'ENABLED' || status === 'ENABLED_BY_DEFAULT';
}

/** Those to be enabled now. One that is being disabled has to end that first. */
export function regionsToEnable(seen: readonly RegionStatus[]): string[] {
  const underWay = seen.filter(({ status }) => status === 'ENABLING' || status === 'DISABLING');
  return seen
    .filter(({ status }) => status === 'DISABLED')
    .map(({ region }) => region)
    .slice(0, Math.max(0, CHANGES_AT_ONCE - underWay.length));
}
