/**
 * A run that has not ended. One that an operator has paused (Workflow Pause) goes on one day, with what it had begun.
 * @param name as Temporal's client spells it
 */
export function isUnderWay(name: string): boolean {
  return name === 'RUNNING' || name === 'PAUSED';
}

/** As we spell it: the client spells one status as nobody else does, and what is paused is under way. */
export function statusName(name: string): string {
  if (isUnderWay(name)) return 'RUNNING';
  return name === 'CANCELLED' ? 'CANCELED' : name;
}
