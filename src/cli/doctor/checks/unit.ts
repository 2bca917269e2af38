import { findOrganizationalUnit } from '../../aws';
import { needs, type Check, type Finding } from '../finding';
import type { Patient } from '../patient';

export const unitChecks: Check<Patient>[] = [
  { name: 'the organizational unit', group: 'Organization', needed: true, run: look },
];

async function look(patient: Patient): Promise<Finding[]> {
  const root = await needs(patient.root(), 'The root of the organization could not be read.');
  const { organizationalUnit: text } = patient.configuration.placement;
  if (text === undefined) {
    const detail = 'placement.organizationalUnit names no other place.';
    const title = `accounts stand in the root, ${root}, where a request names no place`;
    return [{ id: 'unit', level: 'ok', title, detail }];
  }
  const unit = await findOrganizationalUnit(patient.aws, root, text);
  if (unit.found) {
    const title = `${text} is there${unit.id === text ? '' : `: ${unit.id}`}`;
    return [{ id: 'unit', level: 'ok', title, detail: 'From placement.organizationalUnit.' }];
  }
  return [
    {
      id: 'unit-missing',
      level: 'stop',
      title: `placement.organizationalUnit names ${text}, which is not there`,
      detail: `It ${unit.why}. Every request that names no place of its own is refused.`,
      fix: 'Mend placement.organizationalUnit, or make the unit: aws organizations create-organizational-unit --parent-id PARENT --name NAME',
    },
  ];
}
