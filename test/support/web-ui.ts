import { chromium } from 'playwright-core';
import type { Browser, Locator, Page } from 'playwright-core';
import { findChromium } from '../../src/local/chromium';
import { PATIENCE_MS } from './until';

/**
 * The Web UI in a real browser, used as a person would: by what is written on buttons and links.
 * Nothing here calls an API of Temporal.
 */
export class WebUi {
  readonly #browser: Browser;
  #page: Page;
  readonly #url: string;
  /** Run ids by workflow id. */
  readonly #runs = new Map<string, string>();

  private constructor(browser: Browser, page: Page, url: string) {
    this.#browser = browser;
    this.#page = page;
    this.#url = url;
  }

  static async open(url: string): Promise<WebUi> {
    const log = (line: string) => process.stderr.write(`${line}\n`);
    const { launch } = await findChromium({ log });
    const browser = await chromium.launch(launch);
    const page = await browser.newPage({ viewport: { width: 1500, height: 1000 } });
    page.setDefaultTimeout(PATIENCE_MS);
    return new WebUi(browser, page, url);
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }

  /** Types a query over the list, and waits until it shows this workflow. */
  async search(query: string, workflowId: string): Promise<void> {
    const page = this.#page;
    await page.goto(`${this.#url}/namespaces/default/workflows`);
    await page.getByTestId('toggle-manual-query').click();
    await page.getByRole('searchbox').click();
    await page.keyboard.type(query);
    await page.keyboard.press('Enter');
    await this.#untilListed(workflowId);
  }

  /** Follows a link with a query in it, as docs/web-ui.md has them. */
  async follow(path: string, workflowId: string): Promise<void> {
    await this.#page.goto(`${this.#url}${path}`);
    await this.#untilListed(workflowId);
  }

  /** The list lags about a second, and does not look again by itself. */
  async #untilListed(workflowId: string): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    while (!(await this.listed()).includes(workflowId)) {
      if (Date.now() > deadline) throw new Error(`the list does not show ${workflowId}`);
      await this.#page.waitForTimeout(500);
      await this.#page.getByRole('button', { name: 'Refresh' }).click();
    }
  }

  /** Workflow ids in the list. */
  async listed(): Promise<string[]> {
    const links = this.#page.locator('table tbody').getByRole('link');
    const texts = await links.allInnerTexts();
    return texts.map((text) => text.trim()).filter((text) => /^[a-z]+-/.test(text));
  }

  async openFromList(workflowId: string): Promise<void> {
    await this.#page.getByRole('link', { name: workflowId, exact: true }).first().click();
    await this.#page.getByRole('tab', { name: 'User Metadata' }).click();
  }

  /**
   * All that a tab of a workflow shows, frames and all, as soon as it says something, and at the end
   * of the patience also where it never does.
   */
  async tab(workflowId: string, name: string, until: RegExp): Promise<string> {
    const workflow = `${this.#url}/namespaces/default/workflows/${workflowId}`;
    const runId = this.#runs.get(workflowId) ?? (await this.#runOf(workflow));
    this.#runs.set(workflowId, runId);
    await this.#page.goto(`${workflow}/${runId}/${name}`);
    const deadline = Date.now() + PATIENCE_MS;
    let text = await this.#shown();
    while (!until.test(text) && Date.now() < deadline) {
      await this.#page.waitForTimeout(200);
      text = await this.#shown();
    }
    return text;
  }

  /** On the tab of queries: runs the one that is chosen, and what it answers. */
  async runQuery(): Promise<string> {
    await this.#page.getByRole('button', { name: 'Run Query' }).click();
    return this.#page.getByTestId('query-result').innerText();
  }

  /** The address of a workflow leads to that of its run. */
  async #runOf(workflow: string): Promise<string> {
    await this.#page.goto(workflow);
    await this.#page.waitForURL(/\/[0-9a-f-]{36}\//);
    return /\/([0-9a-f-]{36})\//.exec(this.#page.url())?.[1] ?? '';
  }

  async #shown(): Promise<string> {
    const frames = this.#page.frames().map((frame) =>
      frame
        .locator('body')
        .innerText({ timeout: 1_000 })
        .catch(() => ''),
    );
    return (await Promise.all(frames)).join('\n');
  }

  /** Fills in the codec settings at the top of the page. */
  async useCodecServer(endpoint: string): Promise<void> {
    const page = this.#page;
    await page.goto(`${this.#url}/namespaces/default/workflows`);
    await page.getByRole('button', { name: 'Configure Codec Server' }).click();
    const settings = page.getByRole('dialog', { name: 'Codec Server' });
    await settings.getByText('Use my browser setting').click();
    await settings.getByRole('textbox', { name: 'Codec Server browser endpoint' }).fill(endpoint);
    await settings.getByText('Include cross-origin credentials').click();
    await settings.getByRole('button', { name: 'Apply' }).click();
    await settings.waitFor({ state: 'hidden' });
  }

  /** Signs in at a codec server; what its page says then. */
  async signIn(codecServer: string, token: string): Promise<string> {
    await this.#page.goto(codecServer);
    await this.#page.getByLabel('Token').fill(token);
    await this.#page.getByRole('button', { name: 'Sign in' }).click();
    await this.#page.waitForLoadState();
    return this.#shown();
  }

  /** The page that a workflow shows of itself, as soon as its heading is so. */
  async details(heading: RegExp): Promise<string> {
    await this.#details.getByRole('heading', { name: heading }).waitFor();
    return this.#details.locator('main').innerText();
  }

  get #details() {
    return this.#page.frameLocator('#user-metadata-current-details');
  }

  /** The lines of the details that are to be copied. */
  bullets(): Promise<string[]> {
    return this.#details.locator('li').allInnerTexts();
  }

  /** Follows a link in the details, which opens in a page of its own, and goes on there. */
  async followDetails(text: string): Promise<void> {
    const opened = this.#page.context().waitForEvent('page');
    await this.#details.getByRole('link', { name: text }).click();
    this.#page = await opened;
    this.#page.setDefaultTimeout(PATIENCE_MS);
    await this.#page.getByRole('tab', { name: 'User Metadata' }).click();
  }

  /** More Actions → Send an Update, filled in and submitted. Returns what the form says against it. */
  async sendUpdate(name: string, data: string): Promise<string | undefined> {
    const page = this.#page;
    const form = page.getByRole('dialog', { name: 'Send an Update' });
    if (!(await form.isVisible())) {
      await page.getByRole('button', { name: 'More Actions' }).click();
      await page
        .getByRole('menuitem', { name: 'Send an Update' })
        .filter({ visible: true })
        .click();
    }
    await form.locator('button[aria-haspopup]').click();
    await form.getByRole('option', { name: new RegExp(`^${name}`) }).click();
    await form.getByRole('textbox', { name: 'Data' }).click();
    await page.keyboard.press('ControlOrMeta+A');
    // As a person pastes what the page gave.
    await page.keyboard.insertText(data);
    // It is set out anew when one leaves the field, and what is below moves.
    await form.getByText('Single JSON payload supported').click();
    await form.getByRole('button', { name: 'Submit' }).click();
    const alert = form.getByRole('alert').filter({ has: page.getByRole('paragraph') });
    await Promise.race([form.waitFor({ state: 'hidden' }), alert.waitFor()]);
    return (await form.isVisible()) ? firstLine(alert) : undefined;
  }

  /** Waits until the workflow's badge says so. */
  async status(expected: 'Running' | 'Completed'): Promise<void> {
    await this.#page
      .getByText(expected, { exact: true })
      .filter({ visible: true })
      .first()
      .waitFor();
  }

  /** Presses R, as the page asks for, until the details have this heading. */
  async refreshed(heading: RegExp): Promise<string> {
    const deadline = Date.now() + PATIENCE_MS;
    while ((await this.#details.getByRole('heading', { name: heading }).count()) === 0) {
      if (Date.now() > deadline) break;
      await this.#page.keyboard.press('r');
      await this.#page.waitForTimeout(500);
    }
    return this.details(heading);
  }
}

async function firstLine(alert: Locator): Promise<string> {
  const [line = ''] = (await alert.innerText()).trim().split('\n');
  return line;
}
