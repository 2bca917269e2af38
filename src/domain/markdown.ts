import type { NextStep } from './next-steps';
import { onOneLine } from './redact';

/*
 * The pages in the Web UI. What its Markdown is like (2.54): tables have no borders, so bullets; two
 * hyphens become a dash outside of code; a new line in a paragraph stays one; links are relative to
 * the Web UI's root. A triple click selects a whole bullet, so what is to be copied has one of its
 * own.
 */

/** Text that AWS or a person wrote, on one line: nothing in it is Markdown but code. */
export function plainly(text: string): string {
  return withTimes(onOneLine(text)).replaceAll(/[\\*[\]<]/g, String.raw`\$&`);
}

const ISO_TIME = /\d{4}-\d\d-\d\dT[\d:.]+Z/g;

/** `2026-11-22 05:06:07 UTC`: the Web UI shows times so as well, by default. */
export function time(iso: string): string {
  return `${iso.slice(0, 19).replace('T', ' ')} UTC`;
}

function withTimes(text: string): string {
  return text.replaceAll(ISO_TIME, time);
}

/** A heading and its bullets; nothing where there is none. */
export function section(title: string, bullets: readonly string[]): string[] {
  if (bullets.length === 0) return [];
  return ['', `**${title}**`, '', ...bullets.map((bullet) => `- ${bullet}`)];
}

/** A place in the repository is no link from here; a URL is one. */
export function runbookLink(entry: string): string {
  return /^https?:/.test(entry) ? `[${entry}](${entry})` : `\`${entry}\``;
}

export function workflowLink(namespace: string, workflowId: string): string {
  const path = ['namespaces', namespace, 'workflows', workflowId].map(encodeURIComponent);
  return `[${workflowId}](${path.join('/')})`;
}

/**
 * The very lines to type, and what to send from here.
 * @param atTheGate where that is what is for the whole organization is sent to
 */
export function whatYouCanDo(steps: readonly NextStep[], atTheGate: string): string[] {
  const forAll = steps.filter(({ to }) => to === 'organization');
  const own = steps.filter(({ to }) => to === 'vend');
  return [
    ...section(
      'What you can do in a terminal',
      steps.map(({ command }) => `\`vend ${command}\``),
    ),
    ...formSection(atTheGate, forAll),
    ...formSection('here', own),
  ];
}

function formSection(where: string, steps: readonly NextStep[]): string[] {
  const names = [...new Set(steps.map(({ update }) => update.name))];
  return names.flatMap((name) => {
    const same = steps.filter(({ update }) => update.name === name);
    const title = `Or ${where}: More Actions → Send an Update → ${name}; as Data ${same.length > 1 ? 'one of' : 'this'}`;
    return section(
      title,
      same.map(({ update }) => `\`${update.json}\``),
    );
  });
}
