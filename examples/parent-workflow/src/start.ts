import { Client, Connection } from '@temporalio/client';
import { ENVIRONMENTS, ONBOARDING_QUEUE } from './team';
import type { Environment } from './team';
import type { onboardTeam } from './workflows';

/** `npm run onboard -- team-a`: starts it, or finds it, and waits for its end. */
async function main([team]: string[]): Promise<void> {
  if (!team) throw new Error('Give the name of a team: npm run onboard -- team-a');
  const connection = await Connection.connect({
    address: process.env['TEMPORAL_ADDRESS'] ?? 'localhost:7233',
  });
  try {
    const namespace = process.env['TEMPORAL_NAMESPACE'] ?? 'default';
    const client = new Client({ connection, namespace });
    const handle = await client.workflow.start<typeof onboardTeam>('onboardTeam', {
      taskQueue: ONBOARDING_QUEUE,
      workflowId: `onboard-${team}`,
      workflowIdConflictPolicy: 'USE_EXISTING',
      args: [{ team, emails: emailsOf(team) }],
    });
    console.error(`${handle.workflowId} is under way`);
    console.log(JSON.stringify(await handle.result(), undefined, 2));
  } finally {
    await connection.close();
  }
}

/** Plus addressing of one mailbox that somebody reads; a second one each, should the first be taken. */
function emailsOf(team: string): Record<Environment, string[]> {
  const entries = ENVIRONMENTS.map((environment) => [
    environment,
    [`aws+${team}-${environment}@example.com`, `aws+${team}-${environment}-2@example.com`],
  ]);
  return Object.fromEntries(entries) as Record<Environment, string[]>;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
