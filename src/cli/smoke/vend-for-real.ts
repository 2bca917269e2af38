import type { Configuration } from '../../config';
import type { VendRequest } from '../../contract';
import { withAws } from '../aws';
import { readOrganization } from '../doctor/read-aws';
import { ExitStatus, invalid } from '../errors';
import { colors, print, type Io } from '../io';
import { withTemporal, withTemporalBriefly } from '../temporal';
import { followShown } from '../vends/follow-to-end';
import { viewToJson } from '../vends/read-vend';
import { startVend } from '../vends/start-vend';
import { ask } from './confirm';
import { closing, plan, sightLines } from './smoke-wording';
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
  document: { ok: boolean; vend?: Record<string, unknown>; seen: readonly Sight[] };
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
  const { requestId } = started;
  print(
    out,
    started.started
      ? `${requestId} is started. Ctrl-C only looks away.`
      : `${requestId} is there already; no second account is made.`,
  );
  const { status, views } = await withTemporal(io, ({ client }) =>
    followShown(io, client, [{ ...started, status: 'RUNNING' }], { json, untilEscalation: true }),
  );
  const [view] = views;
  const result = view?.result;
  const vend = view ? { vend: viewToJson(view) } : {};
  if (!result) {
    const again = `When it is answered, run this again: it goes on with the same account.`;
    if (status === ExitStatus.escalated) print(out, again);
    return { status, document: { ok: false, ...vend, seen: [] } };
  }
  const seen = await withAws(configuration, (aws) =>
    lookAtAccount(aws, { configuration, request, result }),
  );
  const ok = seen.every((sight) => sight.ok);
  print(out, '', ...sightLines(seen, colors(io, out)), '', ...closing(result.accountId));
  return {
    status: ok ? ExitStatus.done : ExitStatus.endedOtherwise,
    document: { ok, ...vend, seen },
  };
}

/** Says exactly what will be done, and goes on only where the organization is named. */
async function confirmed(io: Io, real: RealVend): Promise<string> {
  const { id } = await withAws(real.configuration, readOrganization);
  print(io.stderr, ...plan(id, real));
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
