/**
 * Temporal Cloud's Actions, as far as a history shows them (https://docs.temporal.io/cloud/actions): a
 * start, a timer, an activity, a signal received or sent, an update, an upsert of search attributes. Queries
 * and heartbeats leave no event; local activities would count too, and we have none.
 */
const BILLED = {
  EVENT_TYPE_WORKFLOW_EXECUTION_STARTED: 'start',
  EVENT_TYPE_TIMER_STARTED: 'timer',
  EVENT_TYPE_ACTIVITY_TASK_SCHEDULED: 'activity',
  EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED: 'update',
  EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES: 'search attributes',
  EVENT_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED: 'signal sent',
  EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED: 'child start',
  EVENT_TYPE_NEXUS_OPERATION_SCHEDULED: 'nexus operation',
};

/** @param history as `temporal workflow show --output json` prints it */
export function actionsOf({ events }) {
  const actions = {};
  const add = (kind) => (actions[kind] = (actions[kind] ?? 0) + 1);
  for (const { eventType } of events) if (BILLED[eventType]) add(BILLED[eventType]);
  return actions;
}

/** Signals that vends and gate send each other are counted where they are sent. */
export function total(actions) {
  return Object.values(actions).reduce((sum, count) => sum + count, 0);
}
