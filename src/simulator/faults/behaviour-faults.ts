import type { Call } from '../wire/call';
import type { World } from '../world';
import { peekCreation, readBehaviours, useBehaviour, type DeliveryBehaviour } from './behaviours';
import type { Fault } from './fault-rule';
import type { PlannedFault } from './fault-rules';

const CREATIONS = new Set(['CreateAccount', 'CreateGovCloudAccount']);

const DELIVERIES: Record<DeliveryBehaviour, Pick<PlannedFault, 'phase' | 'fault'>> = {
  'drop-after-commit': { phase: 'after', fault: { kind: 'reset' } },
  'drop-before-commit': { phase: 'before', fault: { kind: 'reset' } },
  hang: { phase: 'after', fault: { kind: 'hang' } },
  'hang-before-commit': { phase: 'before', fault: { kind: 'hang' } },
  'http500-after-commit': {
    phase: 'after',
    fault: {
      kind: 'error',
      error: { name: 'ServiceException', message: 'AWS Organizations can not complete it.' },
    },
  },
};

const refusal = (name: string, message: string): Fault => ({
  kind: 'error',
  error: { name, message },
});

const THROTTLED = refusal('TooManyRequestsException', 'Another request is already in progress.');
const CONCURRENT = refusal(
  'ConcurrentModificationException',
  'The organization is being modified by another request. Try again later.',
);

/** The fault that a creation's own address or tag asks for. */
export function planBehaviour(world: World, call: Call): PlannedFault | undefined {
  if (!CREATIONS.has(call.operation)) return undefined;
  const { email, tags } = peekCreation(call.input);
  const { throttle, concurrent, delivery } = readBehaviours(email, tags);
  const plan = (
    label: string,
    times: number,
    how: Pick<PlannedFault, 'phase' | 'fault'>,
  ): PlannedFault | undefined => {
    const used = world.data.patternUses[`${label}/${email.toLowerCase()}`] ?? 0;
    if (used >= times) return undefined;
    return { label, ...how, spend: () => void useBehaviour(world, label, email, times) };
  };
  return (
    plan('throttle', throttle ?? 0, { phase: 'before', fault: THROTTLED }) ??
    plan('concurrent', concurrent ?? 0, { phase: 'before', fault: CONCURRENT }) ??
    (delivery && plan(delivery.kind, delivery.times, DELIVERIES[delivery.kind]))
  );
}
