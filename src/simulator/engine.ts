import { findAccountOperation, serveAccount } from './account';
import { findConfigOperation, serveConfig } from './config-service';
import { planBehaviour } from './faults/behaviour-faults';
import { FaultRules, type PlannedFault } from './faults/fault-rules';
import { newAwsRequestId } from './ids';
import { findOrganizationsOperation, serveOrganizations } from './organizations';
import { TokenBuckets } from './organizations/buckets';
import { settle } from './organizations/settle';
import { authorize, type Permissions } from './iam/authorize';
import { simulatePrincipalPolicy } from './iam/simulate';
import { callerOf, findStsOperation } from './sts';
import type { Answer, Call } from './wire/call';
import { AwsError } from './wire/errors';
import { errorAnswer } from './wire/error-answer';
import { jsonAnswer } from './wire/json-protocol';
import { queryAnswer } from './wire/query-protocol';
import { restAnswer } from './wire/rest-protocol';
import type { World } from './world';

/** Turns calls into answers. It knows nothing of sockets, and never waits. */
export class Engine {
  readonly world: World;
  readonly buckets = new TokenBuckets();
  readonly faults = new FaultRules();
  /** Absent: whoever calls may do what AWS lets the account do. */
  permissions: Permissions | undefined;
  readonly #log: (line: string) => void;

  constructor(world: World, log: (line: string) => void) {
    this.world = world;
    this.#log = log;
  }

  plan(call: Call): PlannedFault | undefined {
    return this.faults.plan(this.world, call) ?? planBehaviour(this.world, call);
  }

  serve(call: Call): Answer {
    const requestId = newAwsRequestId(this.world);
    try {
      settle(this.world);
      const answer = this.#answer(call, requestId);
      answer.headers['x-amzn-RequestId'] = requestId;
      return answer;
    } catch (thrown) {
      const error = this.#asAwsError(thrown);
      call.entry.error = error.name;
      const answer = errorAnswer(call.service, error, this.world.data.knobs, requestId);
      answer.headers['x-amzn-RequestId'] = requestId;
      return answer;
    }
  }

  #answer(call: Call, requestId: string): Answer {
    if (!call.scope) throw missingToken(call);
    const serve = this.#resolve(call, requestId);
    if (!serve) throw this.#unknownOperation(call);
    // The signature itself is not checked, but for which service it was made.
    if (call.scope.service !== call.service) {
      throw new AwsError(
        'InvalidSignatureException',
        `Credential should be scoped to correct service: '${call.service}'.`,
      );
    }
    const caller = callerOf(this.world, call);
    if (caller.arn.includes(':assumed-role/')) call.entry.session = caller.arn;
    authorize(this.world, this.permissions, call, caller);
    return serve();
  }

  #resolve(call: Call, requestId: string): (() => Answer) | undefined {
    const { world, buckets } = this;
    const { service, operation } = call;
    switch (service) {
      case 'organizations': {
        const entry = findOrganizationsOperation(operation);
        return entry && (() => jsonAnswer(serveOrganizations(world, buckets, entry, call)));
      }
      case 'config': {
        const serve = findConfigOperation(operation);
        return serve && (() => jsonAnswer(serveConfig(world, serve, call)));
      }
      case 'sts': {
        const serve = findStsOperation(operation);
        return serve && (() => queryAnswer(operation, serve(world, call), requestId));
      }
      case 'iam':
        if (operation !== 'SimulatePrincipalPolicy') return undefined;
        return () =>
          queryAnswer(operation, simulatePrincipalPolicy(this.permissions, call.input), requestId);
      case 'account': {
        const serve = findAccountOperation(operation);
        return serve && (() => restAnswer(serveAccount(world, buckets, serve, call)));
      }
      default:
        return service satisfies never;
    }
  }

  #unknownOperation(call: Call): AwsError {
    this.#log(
      `UNKNOWN OPERATION ${call.service} ${call.operation}: the simulator does not serve it.`,
    );
    return new AwsError(
      'UnknownOperationException',
      `The simulator does not serve ${call.service} ${call.operation || '(no operation)'}.`,
    );
  }

  #asAwsError(thrown: unknown): AwsError {
    if (thrown instanceof AwsError) return thrown;
    this.#log(`BUG in the simulator: ${thrown instanceof Error ? thrown.stack : String(thrown)}`);
    return new AwsError('InternalFailure', 'The simulator has failed; its log says why.');
  }
}

function missingToken(call: Call): AwsError {
  const message = 'Request is missing Authentication Token';
  return call.service === 'sts' || call.service === 'iam'
    ? new AwsError('MissingAuthenticationToken', message, { status: 403 })
    : new AwsError('MissingAuthenticationTokenException', message);
}
