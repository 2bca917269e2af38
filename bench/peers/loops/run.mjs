/** `node run.mjs <loop> <accounts.json>`: one run of a loop. Exit status 1 where an account failed. */
import { readFileSync } from 'node:fs';

const [, , loop, file] = process.argv;
const accounts = JSON.parse(readFileSync(file, 'utf8'));
const { prepare, atOnce } = await import(`./${loop}.mjs`);
const vend = await prepare();
let next = 0;

async function oneAfterTheOther() {
  while (next < accounts.length) {
    const account = accounts[next];
    next += 1;
    try {
      await vend(account);
    } catch (error) {
      console.error(`${account.requestId}: ${error.name}: ${error.message}`);
      process.exitCode = 1;
    }
  }
}

await Promise.all(Array.from({ length: Math.min(atOnce, accounts.length) }, oneAfterTheOther));
