/** Redacts one text: finds, replaces, and looks again until nothing is left to find. */
import { standIn } from './actions.ts';
import type { Action, Digest } from './actions.ts';
import type { Finding } from './finding.ts';
import { foundAuthorization, foundCookies } from './headers.ts';
import type { KeyKind } from './keys.ts';
import { isPlaceholder, looksRandom } from './likeness.ts';
import { masksIn, settled } from './masks.ts';
import type { JudgedKey } from './walk.ts';
import { TextScan, scanText } from './scan.ts';
import { valueAt } from './values.ts';

/** A detector of the application's own. */
export interface Detector {
  /** Small letters, digits and `_`, 2 to 40 characters; what masks and options call it. */
  readonly name: string;
  /** Places of findings in a text, as `[start, end]`. Called for every text: it should be quick. */
  find(text: string): Iterable<readonly [start: number, end: number]>;
}

/** A resolved policy. */
export interface Rules {
  /** The action of each detector that is on. */
  readonly actions: ReadonlyMap<string, Action>;
  /** All that a mask may be called. */
  readonly names: ReadonlySet<string>;
  readonly custom: readonly Detector[];
  /** Keys that were judged and stay as they are; a memory, not a rule. */
  readonly keys: Map<string, JudgedKey>;
  readonly digest: Digest;
}

/** Masks open new boundaries; what is not settled then is masked as a whole. */
const MAX_ROUNDS = 4;

/** A redacted text is at most so many times as long as it was, and so many characters longer. */
export const MAX_GROWTH_FACTOR = 4;
export const MAX_GROWTH_CHARACTERS = 64;

/** Redacts a text that is no JSON container. */
export function redactPlain(text: string, key: string, kind: KeyKind, rules: Rules): string {
  let current = text;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const findings = find(current, key, kind, rules);
    if (findings.length === 0) return current;
    const next = replace(current, findings, rules);
    if (next.length > text.length * MAX_GROWTH_FACTOR + MAX_GROWTH_CHARACTERS)
      return whole(current, findings, rules);
    current = next;
    if (round === MAX_ROUNDS - 1) return whole(text, findings, rules);
  }
  return current;
}

function whole(text: string, findings: readonly Finding[], { actions }: Rules): string {
  const name = findings[0]?.name ?? 'secret';
  return standIn(actions.get(name) === 'remove' ? 'remove' : 'mask', name, text, () => undefined);
}

function find(text: string, key: string, kind: KeyKind, rules: Rules): readonly Finding[] {
  const named = byKey(text, kind);
  const scanned = named ? [named] : scanText(text, rules.names, key);
  if (scanned.length === 0 && kind === 'none' && rules.custom.length === 0) return scanned;
  const findings = [...scanned];
  if (!named && (kind === 'header' || kind === 'cookie'))
    findings.push(...inHeader(text, key, kind));
  const masks = findings.length > 0 || rules.custom.length > 0 ? masksIn(text, rules.names) : [];
  for (const detector of rules.custom) findings.push(...findCustom(detector, text, masks));
  if (findings.length === 0) return findings;
  return settled(
    findings.filter(({ name }) => rules.actions.has(name)),
    masks,
  );
}

function inHeader(text: string, context: string, kind: 'header' | 'cookie'): Finding[] {
  const scan = new TextScan(text, context);
  const value = valueAt(text, 0, text.length);
  if (kind === 'header') foundAuthorization(scan, value, 0);
  else foundCookies(scan, value, 0);
  return scan.findings;
}

/** A value that its key alone makes a secret. */
function byKey(text: string, kind: KeyKind): Finding | undefined {
  const isSecret = kind === 'secret' ? text.trim() !== '' : kind === 'likely' && looksRandom(text);
  if (!isSecret || isPlaceholder(text)) return undefined;
  return { start: 0, end: text.length, name: 'secret' };
}

/** A detector sees what stands between masks. One that fails has judged nothing, so nothing of the text may stay. */
function findCustom(detector: Detector, text: string, masks: readonly Finding[]): Finding[] {
  const { name } = detector;
  const findings: Finding[] = [];
  let from = 0;
  try {
    for (const mask of [...masks, { start: text.length, end: text.length }]) {
      for (const [start, end] of detector.find(text.slice(from, mask.start)))
        if (start >= 0 && end > start && end <= mask.start - from)
          findings.push({ start: from + start, end: from + end, name });
      from = mask.end;
    }
    return findings;
  } catch {
    return [{ start: 0, end: text.length, name }];
  }
}

function replace(text: string, findings: readonly Finding[], { actions, digest }: Rules): string {
  let out = '';
  let at = 0;
  for (const { start, end, name } of findings) {
    out +=
      text.slice(at, start) +
      standIn(actions.get(name) ?? 'mask', name, text.slice(start, end), digest);
    at = end;
  }
  return out + text.slice(at);
}
