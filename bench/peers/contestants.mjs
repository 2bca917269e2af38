/** Who takes part, and what of each was run. */
import { loop, orgFormation } from './commands.mjs';
import { naive, ours } from './workflows.mjs';

export const OURS = 'account-vending';
export const ORG_FORMATION = 'org-formation 1.0.17';

export const CONTESTANTS = [
  {
    name: OURS,
    what: 'the built worker with its default policy, on a Temporal development server',
    open: ours,
  },
  {
    name: ORG_FORMATION,
    what: 'the program itself, from npm: init, then update for each run',
    open: orgFormation,
  },
  {
    name: "loop like ADF's",
    what: 'not ADF, but a plain loop from reading its code (bench/peers/loops/like-adf.mjs says which)',
    open: loop('like-adf'),
    isSlowToFail: true,
  },
  {
    name: "loop like Terraform's",
    what: 'not Terraform, but a plain loop from reading its provider (bench/peers/loops/like-terraform.mjs says which)',
    open: loop('like-terraform'),
  },
  {
    name: 'naive workflow',
    what: 'bench/naive: the workflow that one writes first, with the retries that Temporal and the SDK have by default',
    open: naive,
  },
];
