/** Pictures of the Web UI in a real Chromium: one that is there, or one that is fetched (src/local/chromium.ts). */
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { root } from './tools.mjs';

const require = createRequire(import.meta.url);
const { chromium } = require('playwright-core');
const { findChromium } = require(join(root, 'lib', 'local', 'chromium.js'));

const folder = join(root, 'docs', 'images');
const namespace = 'default';
const listPath = `/namespaces/${namespace}/workflows`;

/** The list's columns. The Web UI keeps its own choice in the browser, under this name. */
const columnsKey = 'namespace-workflow-table-columns';
const columns = [
  { label: 'Status', pinned: true },
  { label: 'Workflow ID', pinned: true },
  { label: 'VendRequestId', pinned: false },
  { label: 'VendStage', pinned: false },
  { label: 'VendEscalation', pinned: false },
  { label: 'VendAccountId', pinned: false },
  { label: 'VendOrganizationalUnit', pinned: false },
];

export async function launch() {
  mkdirSync(folder, { recursive: true });
  const found = await findChromium({ log: console.log });
  return chromium.launch(found.launch);
}

/**
 * Takes one picture, as soon as a workflow fits its `query`. Without a `tab` the list is shown, with the
 * query `filter`; `until` is text that the page must show; `before` is done on the page first.
 */
export async function shoot(chrome, ui, { name, query, filter, tab, until, before, height = 860 }) {
  const context = await chrome.newContext({
    viewport: { width: 1600, height },
    colorScheme: 'light',
  });
  await context.addInitScript(
    ([key, value]) => localStorage.setItem(key, value),
    [columnsKey, JSON.stringify({ [namespace]: columns })],
  );
  const page = await context.newPage();
  const found = await findWorkflow(ui, query);
  const list = filter ? `${listPath}?query=${encodeURIComponent(filter)}` : listPath;
  await page.goto(`${ui}${tab ? `${listPath}/${found}/${tab}` : list}`);
  await page.getByText(until, { exact: true }).first().waitFor({ timeout: 20_000 });
  if (tab === 'user-metadata') await untilDetails(page);
  // The page still fetches.
  await pause(1_500);
  await before?.(page);
  await page.screenshot({ path: join(folder, `${name}.png`) });
  await context.close();
}

/** A worker that is just busy answers the query of the details only when asked again. */
async function untilDetails(page) {
  const heading = page.frameLocator('#user-metadata-current-details').locator('h3');
  for (let tries = 0; tries < 20 && (await heading.count()) === 0; tries += 1) {
    await page.keyboard.press('r');
    await pause(500);
  }
}

/** Waits until some workflow fits the query; returns its place in the Web UI's paths. */
export async function findWorkflow(ui, query) {
  const url = `${ui}/api/v1/namespaces/${namespace}/workflows?query=${encodeURIComponent(query)}`;
  for (const deadline = Date.now() + 120_000; Date.now() < deadline; await pause(200)) {
    const { executions = [] } = await (await fetch(url)).json();
    const [found] = executions;
    if (found) return `${found.execution.workflowId}/${found.execution.runId}`;
  }
  throw new Error(`nothing fits within two minutes: ${query}`);
}
