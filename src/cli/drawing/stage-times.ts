import type { Stage, VendState } from '../../contract';
import type { Look } from '../vends/look';

/** How long a vend was in a stage; over all of its visits, if it came back. */
export interface StageTime {
  stage: Stage;
  ms: number;
}

/** The stages passed and the present one, in the order in which they were first reached. */
export function stageTimes(state: VendState, closedAt: string | undefined): StageTime[] {
  const entered = state.history.filter(({ note }) => note === undefined);
  const end = closedAt === undefined ? Date.now() : Date.parse(closedAt);
  const spent = new Map<Stage, number>();
  for (const [index, { at, stage }] of entered.entries()) {
    const next = entered[index + 1];
    const until = next ? Date.parse(next.at) : end;
    spent.set(stage, (spent.get(stage) ?? 0) + Math.max(0, until - Date.parse(at)));
  }
  return [...spent].map(([stage, ms]) => ({ stage, ms }));
}

/** How long a vend has been in its present stage; undefined where that cannot be known. */
export function timeInStage({ view, stageSeenAt }: Look): number | undefined {
  if (!view || view.status !== 'RUNNING') return undefined;
  const entered = view.state?.history.findLast(({ note }) => note === undefined)?.at;
  const since = entered ?? stageSeenAt;
  return since === undefined ? undefined : Date.now() - Date.parse(since);
}
