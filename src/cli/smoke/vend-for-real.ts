import type { Client } from '@temporalio/client';
import type { Configuration } from '../../config';
import type { VendRequest } from '../../contract';
import { amendedRequests, startedRequests } from '../../vends/request-of';
import { withAws } from '../aws';
import { readOrganization } from '../doctor/read-aws';
import { ExitStatus, invalid } from '../errors';
import { colors, print, type Io } from '../io';
import { withTemporal, withTemporalBriefly } from '../temporal';
import { followShown } from '../vends/follow-to-end';
import { isApproving } from '../vends/follow';
import { viewToJson, type VendView } from '../vends/read-vend';
import { startVend } from '../vends/start-vend';
import { ask } from './confirm';
import { begun, closing, plan, sightLines, unanswered } from './smoke-wording';
import { lookAtAccount, type Sight } from './look-at-account';

export interface RealVend {
  configuration: Configuration;
  request: VendRequest;
  /** The organization's id, as `--confirm` gives it. */
  confirm: string | undefined;
  json: boolean;
  by: string;
}

export interface RealOutcome {
  status: ExitStatus;
  /** For `--json`: `ok`, the vend as `vend show` has it, and what AWS shows of its account. */
  document: {
    ok: boolean;
    vend?: Record<string, unknown>;
    /** Fields in which the vend that was there already differs from what is asked for now. */
    changed: readonly string[];
    seen: readonly Sight[];
  };
}

/** Vends one account after a person has confirmed it, and looks at AWS whether it is as it should be. */
export async function vendForReal(io: Io, real: RealVend): Promise<RealOutcome> {
  const { configuration, json, by } = real;
  const organizationId = await confirmed(io, real);
  // The worker may have other credentials than we: it refuses another organization before it writes.
  const request = { ...real.request, organizationId };
  const out = json ? io.stderr : io.stdout;
  const started = await withTemporalBriefly(io, ({ client }) =>
    startVend(client, request, { taskQueue: configuration.taskQueue, requestedBy: by }),
  );
  const { requestId, changed } = started;
  print(out, ...begun(requestId, started));
  const { status, view, own } = await withTemporal(io, async ({ client }) => {
    const refs = [{ ...started, status: 'RUNNING' }];
    const until = { untilEscalation: true, untilApproval: true };
    const shown = await followShown(io, client, refs, { json, ...until });
    const [last] = shown.views;
    return {
      status: shown.status,
      view: last,
      own: last?.result && (await requestOf(client, last)),
    };
  });
  const result = view?.result;
  const vend = view ? { vend: viewToJson(view) } : {};
  if (!result) {
    if (status === ExitStatus.escalated && view) {
      print(out, ...unanswered(request, isApproving(view), io.command));
    }
    return { status, document: { ok: false, ...vend, changed, seen: [] } };
  }
  // What we ask for now may be other than what it was vended with, and amended to.
  const vended = { configuration, request: { ...(own ?? request), organizationId }, result };
  const seen = await withAws(configuration, (aws) => lookAtAccount(aws, vended));
  const ok = seen.every((sight) => sight.ok);
  print(out, '', ...sightLines(seen, colors(io, out)), '', ...closing(result.accountId));
  return {
    status: ok ? ExitStatus.done : ExitStatus.endedOtherwise,
    document: { ok, ...vend, changed, seen },
  };
}

/** As it stands with its amendments. */
async function requestOf(client: Client, vend: VendView): Promise<VendRequest | undefined> {
  const amended = await amendedRequests(client, vend);
  return amended.at(-1) ?? (await startedRequests(client, vend)).at(-1);
}

/** Says exactly what will be done, and goes on only where the organization is named. */
async function confirmed(io: Io, real: RealVend): Promise<string> {
  const { id } = await withAws(real.configuration, readOrganization);
  print(io.stderr, ...plan(id, { ...real, command: io.command }));
  if (real.confirm !== undefined) {
    if (real.confirm === id) return id;
    throw invalid(
      `--confirm does not name the organization of these credentials, which is ${id}. Nothing was created.`,
    );
  }
  const typed = await ask(io, `Type the ID of the organization to go on: `);
  if (typed === id) return id;
  throw invalid('That is not the ID of the organization. Nothing was created.');
}
