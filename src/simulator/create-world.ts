import { setUpOrganization } from './control/organization-setup';
import { managementAccountId, organizationId, rootId } from './ids';
import { profileKnobs, profileOrganization } from './profiles';
import { Randomness } from './random';
import { loadState } from './state-file';
import type { SimulatorOptions } from './types';
import type { World, WorldData } from './world';

const DEFAULT_SEED = 1;

/** A world from its state file, or a new one from profile, knobs and set-up. */
export function createWorld(options: SimulatorOptions, now: () => number): World {
  const random = new Randomness(options.seed ?? DEFAULT_SEED);
  const kept = options.stateFile === undefined ? undefined : loadState(options.stateFile);
  const world: World = {
    data: kept ?? emptyData(options, random, now()),
    random,
    journal: [],
    now,
    touch: () => {},
  };
  if (kept) Object.assign(world.data.knobs, options.knobs);
  else populate(world, options);
  return world;
}

/** The same start again; time goes on. */
export function resetWorld(world: World, options: SimulatorOptions): void {
  world.data = emptyData(options, world.random, world.now());
  world.journal.length = 0;
  populate(world, options);
  world.touch();
}

function populate(world: World, options: SimulatorOptions): void {
  setUpOrganization(world, options.organization ?? profileOrganization(options.profile ?? 'real'));
}

function emptyData(options: SimulatorOptions, random: Randomness, now: number): WorldData {
  const setup = options.organization ?? {};
  const managementId = setup.managementAccountId ?? managementAccountId(random);
  const root = rootId(random);
  return {
    version: 1,
    time: now,
    organization: {
      id: organizationId(random),
      rootId: root,
      rootTags: {},
      managementAccountId: managementId,
      featureSet: setup.featureSet ?? 'ALL',
      foreignEmails: [],
      delegatedAdministrators: [],
    },
    organizationalUnits: [],
    accounts: [
      {
        sequence: 1,
        id: managementId,
        email: 'management@example.com',
        name: 'Management',
        parentId: root,
        tags: {},
        state: 'ACTIVE',
        joinedMethod: 'INVITED',
        joinedAt: now,
        listVisibleAt: now,
        describeVisibleAt: now,
        usableAt: now,
        activeAt: now,
      },
    ],
    requests: [],
    packs: [],
    packRows: {},
    packRowLooks: {},
    patternUses: {},
    counters: { sequence: 1 },
    knobs: { ...profileKnobs(options.profile ?? 'real'), ...options.knobs },
  };
}
