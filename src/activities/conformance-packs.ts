import type { FieldProblem } from '../contract';
import type { Configuration } from '../config';
import type { RequiredPack } from '../domain/policy';
import { AskedTogether } from './asked-together';
import type { PackReader, Place } from './pack-reader';
import { ownerOf } from './pack-reader';

export interface WantedPacks {
  packs: 'all' | readonly string[];
  regions: readonly string[];
  allowNone: boolean;
}

/** Which packs there are, asked for all vends that begin at the same time together. */
export class PackCatalogue {
  readonly #reader: PackReader;
  readonly #owners: Configuration['conformance']['owners'];
  readonly #asked = new Map<string, AskedTogether<RequiredPack[]>>();

  constructor(reader: PackReader, owners: Configuration['conformance']['owners']) {
    this.#reader = reader;
    this.#owners = owners;
  }

  /** The packs of a Region, of every account that owns some. */
  async packsIn(region: string): Promise<RequiredPack[]> {
    const places: Place[] = [
      { region },
      ...this.#owners
        .filter(({ regions }) => regions?.includes(region) ?? true)
        .map(({ roleArn }) => ({ region, owner: ownerOf(roleArn) })),
    ];
    const packs = await Promise.all(places.map((place) => this.#packsOf(place)));
    return packs.flat();
  }

  #packsOf(place: Place): Promise<RequiredPack[]> {
    const key = `${place.region} ${place.owner ?? ''}`;
    const asked = this.#asked.get(key) ?? new AskedTogether<RequiredPack[]>();
    this.#asked.set(key, asked);
    return asked.ask(() => this.#read(place));
  }

  /** Packs on their way out do not count as required. */
  async #read({ region, owner }: Place): Promise<RequiredPack[]> {
    const tally = { calls: 0, throttled: 0 };
    const statuses = await this.#reader.statuses({ region, owner }, undefined, tally);
    return statuses
      .filter(({ Status }) => !Status?.startsWith('DELETE_') || Status === 'DELETE_FAILED')
      .map((status) => status.OrganizationConformancePackName)
      .filter((name) => name !== undefined)
      .map((pack) => ({ region, pack, ...(owner ? { owner } : {}) }));
  }
}

/** Which packs, in which regions, a request asks for. Problems name the field of the request. */
export async function requiredPacks(
  catalogue: PackCatalogue,
  wanted: WantedPacks,
): Promise<{ ok: true; required: RequiredPack[] } | { ok: false; problems: FieldProblem[] }> {
  const pinned = wanted.packs === 'all' ? [] : wanted.packs.filter((name) => name.includes('/'));
  const pinnedRegions = pinned.map((name) => name.slice(0, name.indexOf('/')));
  const regions = [...new Set([...wanted.regions, ...pinnedRegions])];
  const required: RequiredPack[] = [];
  const problems: FieldProblem[] = [];

  for (const region of regions) {
    const existing = await catalogue.packsIn(region);
    const isConfigured = wanted.regions.includes(region);
    if (wanted.packs === 'all') {
      required.push(...existing);
      if (existing.length === 0 && !wanted.allowNone) problems.push(noPackAtAll(region));
      continue;
    }
    for (const [index, name] of wanted.packs.entries()) {
      const [place, pack] = name.includes('/') ? splitName(name) : [region, name];
      if (place !== region || (!isConfigured && !name.includes('/'))) continue;
      const meant = existing.filter((known) => known.pack === pack);
      if (meant.length > 0) required.push(...meant);
      else problems.push(noSuchPack(index, region, existing));
    }
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, required: unique(required) };
}

function splitName(name: string): [region: string, pack: string] {
  const slash = name.indexOf('/');
  return [name.slice(0, slash), name.slice(slash + 1)];
}

function unique(packs: RequiredPack[]): RequiredPack[] {
  const key = ({ region, pack, owner = '' }: RequiredPack) => `${region}/${owner}/${pack}`;
  return [...new Map(packs.map((pack) => [key(pack), pack])).values()];
}

function noPackAtAll(region: string): FieldProblem {
  return {
    field: 'conformance.regions',
    message: `names ${region}, where the organization has no conformance pack to wait for: deploy one there, leave the region out, set conformance: false in the request, or set conformance.allowNone in the configuration`,
  };
}

function noSuchPack(
  index: number,
  region: string,
  existing: readonly RequiredPack[],
): FieldProblem {
  const there = existing.length > 0 ? existing.map(({ pack }) => pack).join(', ') : 'none';
  return {
    field: `conformance.packs[${index}]`,
    message: `names an organization conformance pack that does not exist in ${region}; there: ${there}. A name must exist in every region of the request; write region/name for one region alone`,
  };
}
