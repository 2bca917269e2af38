import type { Open } from '../asking';
import { takeNews } from '../asking';
import { notificationOfNews } from '../notification';
import { gateSteps } from '../next-steps';
import type { Notified } from '../notification';
import type { Gate } from './gate';
import type { Iso } from './mail';
import { gateState } from './view';

/**
 * What people are to be told of the organization: once for all its vends, again every so often, and
 * when it is over. Nothing is told until the configuration is known.
 */
export function takeGateNotifications(
  gate: Gate,
  workflowId: string,
  nowMs: number,
  iso: Iso,
): Notified[] {
  const notify = gate.policy?.notify;
  if (!notify) {
    if (gate.policy) gate.asked = [];
    return [];
  }
  const { escalations, decisions, waiting } = gateState(gate, nowMs, iso);
  const open = escalations.map((escalation): Open => {
    return { id: escalation.id, occasion: 'escalated', escalation };
  });
  const news = takeNews(gate.asked, open, notify.remindEveryMs, nowMs);
  return news.flatMap((one) => {
    const decision = decisions.findLast(({ escalationId }) => escalationId === one.open.id);
    const outcome = decision
      ? `answered with ${decision.action} by ${decision.by}; vending goes on`
      : 'ended by itself; vending goes on';
    const data = { workflowId, organizationId: gate.organizationId };
    const isOver = one.is === 'over';
    const about = {
      data: isOver
        ? data
        : {
            ...data,
            waiting,
            commands: gateSteps(one.open, escalations.length > 1).map(
              ({ command }) => `vend ${command}`,
            ),
          },
      outcome,
    };
    const notified = notificationOfNews('organization', one, about, iso(nowMs));
    return notified ?? [];
  });
}
