import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import { WallClock, type SimulatorClock } from './clock';
import { createControlApi } from './control/control-api';
import { readKnobs } from './control/knob-schema';
import {
  addAccount,
  addOrganizationalUnit,
  removeAccount,
  takeEmail,
} from './control/organization-setup';
import * as packs from './control/pack-setup';
import { readPermissions } from './control/permission-setup';
import { createWorld, resetWorld } from './create-world';
import { Engine } from './engine';
import { createHttpServer } from './http-server';
import { deleteUnit } from './organizations/organizational-units';
import { settle } from './organizations/settle';
import { countCreations, takeSnapshot } from './snapshot';
import { saveState } from './state-file';
import type { Simulator, SimulatorOptions } from './types';
import type { World } from './world';

/** Starts a local AWS; resolves when it listens. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  if (options.knobs) readKnobs(options.knobs);
  const clock = options.clock ?? new WallClock(options.speed);
  const world = createWorld(options, () => clock.now());
  keepState(world, clock, options.stateFile);
  const log = options.log ?? (() => {});
  const engine = new Engine(world, log);
  const server = createHttpServer({
    engine,
    clock,
    log,
    control: (...exchange) => control(...exchange),
  });
  const port = await listen(server, options);
  const simulator = createSimulator({ options, clock, world, engine, server, port });
  const control = createControlApi(simulator, () => world.data.knobs);
  log(`Organization ${simulator.organizationId} answers at ${simulator.url}`);
  return simulator;
}

/** A change is on disk before its answer leaves; a clock that starts anew goes on from there. */
function keepState(world: World, clock: SimulatorClock, file: string | undefined): void {
  if (file === undefined) return;
  const behind = world.data.time - clock.now();
  if (behind > 0) clock.advance?.(behind);
  world.touch = () => {
    world.data.time = world.now();
    saveState(file, world.data);
  };
  world.touch();
}

function listen(
  server: Server,
  { port = 0, host = '127.0.0.1' }: SimulatorOptions,
): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

interface Parts {
  options: SimulatorOptions;
  clock: SimulatorClock;
  world: World;
  engine: Engine;
  server: Server;
  port: number;
}

function createSimulator(parts: Parts): Simulator {
  const { options, clock, world, engine, server, port } = parts;
  const { organization } = world.data;
  /** Whoever changes or reads the world from here finds it as it is at this moment. */
  const now = (): World => {
    settle(world);
    return world;
  };
  return {
    url: `http://${urlHost(options.host)}:${port}`,
    port,
    organizationId: organization.id,
    rootId: organization.rootId,
    managementAccountId: organization.managementAccountId,
    clock,
    set: (knobs) => {
      Object.assign(now().data.knobs, readKnobs(knobs));
      world.touch();
    },
    inject: (rule) => engine.faults.inject(rule),
    clearFaults: () => engine.faults.clear(),
    addOrganizationalUnit: (path) => addOrganizationalUnit(now(), path),
    removeOrganizationalUnit: (id) => deleteUnit(now(), id),
    addAccount: (account) => addAccount(now(), account),
    removeAccount: (id) => removeAccount(now(), id),
    takeEmail: (email) => takeEmail(now(), email),
    putConformancePack: (pack) => packs.putConformancePack(now(), pack),
    removeConformancePack: (region, name) => packs.removeConformancePack(now(), region, name),
    setPackRow: (row) => packs.setPackRow(now(), row),
    clearPackRow: (region, pack, account) => packs.clearPackRow(now(), region, pack, account),
    setPackStatus: (region, pack, status, error) =>
      packs.setPackStatus(now(), region, pack, status, error),
    setPermissions: (setup) => {
      engine.permissions = setup && readPermissions(setup);
    },
    journal: () => [...world.journal],
    committedCreations: () => countCreations(world.data.requests),
    createdAccounts: () =>
      countCreations(now().data.requests.filter(({ state }) => state === 'SUCCEEDED')),
    snapshot: () => takeSnapshot(now()),
    advance: (ms) => {
      if (!clock.advance) throw new Error('This clock cannot be advanced: it has no advance().');
      clock.advance(ms);
    },
    reset: () => {
      engine.faults.clear();
      engine.buckets.clear();
      engine.permissions = undefined;
      resetWorld(world, options);
    },
    close: () => close(server),
  };
}

function urlHost(host = '127.0.0.1'): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host.includes(':') ? `[${host === '::' ? '::1' : host}]` : host;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    // Clients keep idle connections open, and some wait for an answer that never comes.
    server.closeAllConnections();
  });
}
