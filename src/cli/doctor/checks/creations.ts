import { formatDuration } from '../../../domain/duration';
import { attribute, type Attribution } from '../attribute';
import { needs, NotLookedAt, type Check, type Finding } from '../finding';
import type { Patient } from '../patient';

export const creationChecks: Check<Patient>[] = [
  { name: 'creations in progress', group: 'Organization', needed: false, run: look },
];

async function look(patient: Patient): Promise<Finding[]> {
  const creations = await needs(patient.creations(), 'Creations could not be listed.');
  if (creations.length === 0) {
    const title = 'no creation is in progress';
    return [
      { id: 'creations', level: 'ok', title, detail: 'As ListCreateAccountStatus shows it.' },
    ];
  }
  try {
    const { maxInProgress } = patient.configuration.creation;
    return [creationFinding(await attribute(patient), maxInProgress, Date.now())];
  } catch (error) {
    if (!(error instanceof NotLookedAt)) throw error;
    return [
      {
        id: 'creations-unclear',
        level: 'note',
        title: `${inProgress(creations.length)}; whose, was not told`,
        detail: `Vends know their own. ${error.message}`,
      },
    ];
  }
}

export function creationFinding(
  { inProgress: count, unknown, silent }: Attribution,
  maxInProgress: number,
  nowMs: number,
): Finding {
  const how = 'Told by the request ids (car-…) that the running vends of this task queue know.';
  if (unknown.length === 0) {
    return {
      id: 'creations',
      level: 'ok',
      title: `${inProgress(count)}, all of vends`,
      detail: how,
    };
  }
  const ids = unknown
    .slice(0, 5)
    .map(({ Id, RequestedTimestamp: at }) =>
      at ? `${Id} (for ${formatDuration(nowMs - at.getTime())})` : `${Id}`,
    );
  const which = `${ids.join(', ')}${unknown.length > ids.length ? ', …' : ''}`;
  if (unknown.length <= silent) {
    return {
      id: 'creations-unclear',
      level: 'note',
      title: `${inProgress(count)}; whose ${unknown.length} of them ${unknown.length === 1 ? 'is' : 'are'} is not clear`,
      detail: `${which}. ${how} ${silent === 1 ? 'One vend does not say its own' : `${silent} vends do not say their own`}.`,
      fix: 'Nothing: it is told when they end. Where no worker answers, start one.',
    };
  }
  const isFull = count >= maxInProgress;
  return {
    id: 'foreign-creations',
    level: isFull ? 'warning' : 'note',
    title: `${inProgress(count)}, ${unknown.length} of them not by running vends`,
    detail: `${which}. ${how} They are of the console, of another tool or installation, or of a vend that was terminated. ${
      isFull
        ? `AWS allows ${maxInProgress} at a time: vends wait for these to end.`
        : `They take places: AWS allows ${maxInProgress} at a time.`
    }`,
    fix: 'aws organizations list-create-account-status --states IN_PROGRESS',
  };
}

function inProgress(count: number): string {
  return `${count} ${count === 1 ? 'creation is' : 'creations are'} in progress`;
}
