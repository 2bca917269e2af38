import { needs, type Check, type Finding } from '../finding';
import type { Patient } from '../patient';

export const accountChecks: Check<Patient>[] = [
  { name: 'the accounts', group: 'Organization', needed: false, run: look },
];

/** AWS counts every account but those that have left, which closed ones do after 90 days. */
async function look(patient: Patient): Promise<Finding[]> {
  const { accounts, isComplete } = await needs(
    patient.accounts(),
    'The accounts could not be listed.',
  );
  const states = new Map<string, number>();
  for (const { State, Status } of accounts) {
    const state = State ?? Status ?? 'ACTIVE';
    states.set(state, (states.get(state) ?? 0) + 1);
  }
  const each = [...states].map(([state, count]) => `${count} ${state}`);
  const total = `${accounts.length}${isComplete ? '' : ' or more'}`;
  return [
    {
      id: 'accounts',
      level: 'ok',
      title: `${total} ${accounts.length === 1 ? 'account counts' : 'accounts count'} against the quota: ${each.join(', ')}; the limit is not known here`,
      detail:
        'Creations in progress and open invitations count too. Service Quotas shows the limit (10 where nobody had it raised).',
      fix: 'aws service-quotas get-service-quota --service-code organizations --quota-code L-29A0C5DF --region us-east-1',
    },
  ];
}
