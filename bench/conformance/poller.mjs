/** The other way: every vend polls its own packs, as most tools do. Same AWS, same intervals. */
import { GetOrganizationConformancePackDetailedStatusCommand } from '@aws-sdk/client-config-service';
import { PACKS, configCalls } from './aws.mjs';

const INTERVAL = { initialMs: 60_000, factor: 1.5, maxMs: 300_000 };

export async function pollEachVend({ aws, simulator, clock, accounts, region }) {
  const from = configCalls(simulator);
  const startMs = clock.now();
  const due = accounts.map((accountId) => ({ accountId, atMs: startMs, looks: 0, open: PACKS }));
  let endMs = startMs;
  while (due.length > 0) {
    due.sort((one, other) => one.atMs - other.atMs);
    const next = due.shift();
    if (next.atMs > clock.now()) clock.set(next.atMs);
    const seen = await Promise.all(
      next.open.map((pack) => isSuccessful(aws.config(region), pack, next.accountId)),
    );
    next.open = next.open.filter((_, index) => !seen[index]);
    endMs = Math.max(endMs, next.atMs);
    if (next.open.length === 0) continue;
    const grown = INTERVAL.initialMs * INTERVAL.factor ** next.looks;
    due.push({ ...next, atMs: next.atMs + Math.min(INTERVAL.maxMs, grown), looks: next.looks + 1 });
  }
  return { calls: configCalls(simulator) - from, minutes: (endMs - startMs) / 60_000 };
}

async function isSuccessful(config, pack, accountId) {
  const { OrganizationConformancePackDetailedStatuses: rows = [] } = await config.send(
    new GetOrganizationConformancePackDetailedStatusCommand({
      OrganizationConformancePackName: pack,
      Filters: { AccountId: accountId },
    }),
  );
  return rows.some(({ Status }) => Status?.endsWith('_SUCCESSFUL'));
}
