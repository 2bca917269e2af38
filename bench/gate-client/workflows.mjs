/** Small workflows that speak the gate's language, and do nothing else. */
import {
  condition,
  defineSignal,
  getExternalWorkflowHandle,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { gateWorkflowId } from '../../lib/contract/names.js';
import { GATE_PROTOCOL } from '../../lib/domain/gate/messages.js';
import {
  askSignal,
  grantSignal,
  noticeSignal,
  releaseSignal,
} from '../../lib/workflows/gate-signals.js';

const letGoSignal = defineSignal('letGo');

/** One turn after the other, each as soon as the last one was given back. */
export async function takeTurns(input) {
  const line = new Line(input);
  for (let turn = 0; turn < input.turns; turn += 1) {
    await line.ask();
    await line.release();
  }
}

/** A turn is given back at once; by one that holds its place only when it is told to. */
export async function takeOneTurn(input) {
  let isLetGo = !input.holds;
  setHandler(letGoSignal, () => {
    isLetGo = true;
  });
  const line = new Line(input);
  await line.ask();
  await condition(() => isLetGo);
  await line.release();
}

class Line {
  #granted = 0;
  #ticket = 0;

  constructor({ organizationId, requestId, emailKey }) {
    const { workflowId, firstExecutionRunId, runId } = workflowInfo();
    this.gate = getExternalWorkflowHandle(gateWorkflowId(organizationId));
    this.own = { v: GATE_PROTOCOL, holder: { workflowId, firstExecutionRunId, requestId } };
    this.turn = { runId, kind: 'standard', emailKey };
    setHandler(grantSignal, ({ ticket }) => {
      this.#granted = ticket;
    });
    setHandler(noticeSignal, () => undefined);
  }

  async ask() {
    this.#ticket += 1;
    await this.gate.signal(askSignal, { ...this.own, ticket: this.#ticket, ...this.turn });
    await condition(() => this.#granted === this.#ticket);
  }

  async release() {
    await this.gate.signal(releaseSignal, {
      ...this.own,
      ticket: this.#ticket,
      outcome: 'succeeded',
    });
  }
}
