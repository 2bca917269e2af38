import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import type { SimulatorKnobs } from '../knobs';
import type { Simulator } from '../types';
import { AwsError } from '../wire/errors';
import { readKnobs } from './knob-schema';
import * as schemas from './schemas';

type Verb = (body: unknown) => unknown;

/** The verbs of the {@link Simulator} over HTTP: `POST /_sim/<verb>` with its argument as JSON. */
function writes(simulator: Simulator): Record<string, Verb> {
  const { parsed } = schemas;
  return {
    set: (body) => simulator.set(readKnobs(body)),
    inject: (body) => simulator.inject(parsed(schemas.faultRule, body)),
    'clear-faults': () => simulator.clearFaults(),
    'add-organizational-unit': (body) => ({
      id: simulator.addOrganizationalUnit(parsed(schemas.path, body).path),
    }),
    'remove-organizational-unit': (body) =>
      simulator.removeOrganizationalUnit(parsed(schemas.id, body).id),
    'add-account': (body) => ({ id: simulator.addAccount(parsed(schemas.account, body)) }),
    'remove-account': (body) => simulator.removeAccount(parsed(schemas.id, body).id),
    'take-email': (body) => simulator.takeEmail(parsed(schemas.email, body).email),
    'put-conformance-pack': (body) => simulator.putConformancePack(parsed(schemas.pack, body)),
    'remove-conformance-pack': (body) => {
      const { region, name } = parsed(schemas.packName, body);
      simulator.removeConformancePack(region, name);
    },
    'set-pack-row': (body) => simulator.setPackRow(parsed(schemas.packRow, body)),
    'clear-pack-row': (body) => {
      const { region, pack, accountId } = parsed(schemas.packRowName, body);
      simulator.clearPackRow(region, pack, accountId);
    },
    'set-pack-status': (body) => {
      const { region, pack, status, error } = parsed(schemas.packStatus, body);
      simulator.setPackStatus(region, pack, status, error);
    },
    'set-permissions': (body) => simulator.setPermissions(parsed(schemas.permissions, body)),
    advance: (body) => {
      simulator.advance(parsed(schemas.advance, body).ms);
      return { time: simulator.clock.now() };
    },
    reset: () => simulator.reset(),
  };
}

function reads(simulator: Simulator, knobs: () => SimulatorKnobs): Record<string, Verb> {
  return {
    knobs: () => knobs(),
    journal: () => simulator.journal(),
    snapshot: () => simulator.snapshot(),
    'committed-creations': () => simulator.committedCreations(),
    'created-accounts': () => simulator.createdAccounts(),
  };
}

export function createControlApi(
  simulator: Simulator,
  knobs: () => SimulatorKnobs,
): (request: IncomingMessage, response: ServerResponse, body: string) => void {
  const verbs = { GET: reads(simulator, knobs), POST: writes(simulator) };
  return (request, response, body) => {
    const name = request.url?.replace(/^\/_sim\/?/, '').replace(/\?.*$/, '') ?? '';
    const method = request.method === 'GET' ? 'GET' : 'POST';
    const verb = Object.hasOwn(verbs[method], name) ? verbs[method][name] : undefined;
    if (!verb) {
      const known = { GET: Object.keys(verbs.GET), POST: Object.keys(verbs.POST) };
      reply(response, name === '' ? 200 : 404, { verbs: known });
      return;
    }
    // A page in a browser can post forms to this machine unasked; it cannot post JSON.
    if (method === 'POST' && !request.headers['content-type']?.startsWith('application/json')) {
      reply(response, 415, { error: 'Send Content-Type: application/json.' });
      return;
    }
    try {
      reply(response, 200, verb(JSON.parse(body || '{}')) ?? { ok: true });
    } catch (thrown) {
      reply(response, 400, { error: explain(thrown) });
    }
  };
}

function explain(thrown: unknown): string {
  if (thrown instanceof z.ZodError) return z.prettifyError(thrown);
  if (thrown instanceof AwsError) return `${thrown.name}: ${thrown.message}`;
  return thrown instanceof Error ? thrown.message : String(thrown);
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(`${JSON.stringify(body, null, 2)}\n`);
}
