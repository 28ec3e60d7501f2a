/** What matchers are asked: checked first, as JavaScript and JSON get past the types, and `.not` turns a mistake into a pass. */
import type { FlushReason } from '../model/exporter.ts';

/** As keys, so that a reason that the type gains is missed here by the compiler. */
const REASONS: Record<FlushReason, true> = {
  response: true,
  'stream-end': true,
  cancel: true,
  error: true,
  deadline: true,
  step: true,
  late: true,
};

/** @throws TypeError that lists the reasons. */
export function checkReason(reason: unknown): void {
  if (reason === undefined || (isText(reason) && Object.hasOwn(REASONS, reason))) return;
  const known = Object.keys(REASONS).join(', ');
  throw wrongArgument('toHaveFlushed', `no reason, or one of ${known}`, reason);
}

/** @throws TypeError that says what to pass. */
export function checkExported(destination: unknown, spans: unknown): void {
  if (!isText(destination))
    throw wrongArgument('toHaveExported', 'the name of an exporter first', destination);
  if (spans === undefined || (Number.isSafeInteger(spans) && Number(spans) >= 0)) return;
  throw wrongArgument('toHaveExported', 'a count of spans, a whole number, second', spans);
}

/** @throws TypeError that says what to pass. */
export function checkLabels(labels: unknown): void {
  if (Array.isArray(labels) && labels.every(isText)) return;
  const wanted = "an array of labels, such as ['agent', 'function lookup_order']";
  throw wrongArgument('toHaveSpans', wanted, labels);
}

/** @throws TypeError that says what to pass. */
export function checkTree(tree: unknown): void {
  if (typeof tree === 'string') return;
  throw wrongArgument('toHaveSpanTree', 'a text with one span a line', tree);
}

/** @throws TypeError that says what to pass. */
export function checkOutcome(name: unknown, passed: unknown, code: unknown): void {
  if (!isText(name)) throw wrongArgument('toHaveOutcome', 'the name of an outcome first', name);
  if (passed !== undefined && typeof passed !== 'boolean')
    throw wrongArgument('toHaveOutcome', 'true or false second', passed);
  if (code !== undefined && !isText(code))
    throw wrongArgument('toHaveOutcome', 'a code, a text, third', code);
}

/** Without a text, or with an empty one, `.not` would look for nothing and find it nowhere. @throws TypeError */
export function checkTexts(texts: readonly unknown[]): void {
  const wrong = texts.findIndex((text) => !isText(text));
  if (texts.length > 0 && wrong === -1) return;
  const wanted = 'at least one text to look for, and none that is empty';
  throw wrongArgument('toContainContent', wanted, ...texts.slice(wrong, wrong + 1));
}

/**
 * What is not there holds no content, whatever the policy; so neither the matcher nor its negation may pass.
 *
 * @throws Error that says where to look.
 */
export function checkSomethingToLookAt(handed: number, what: string): void {
  if (handed > 0) return;
  throw new Error(
    `No ${what} was handed to any destination, so nothing shows which content leaves. ` +
      'Give the test an exporter, `sampling: { head: 1 }`, and a request that runs an agent.',
  );
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

function wrongArgument(matcher: string, wanted: string, ...received: unknown[]): TypeError {
  const shown = received.length === 0 ? 'nothing' : received.map(show).join(', ');
  return new TypeError(`${matcher}() takes ${wanted}; it was given ${shown}.`);
}

function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 80));
  if (Array.isArray(value)) return `[${value.slice(0, 8).map(show).join(', ')}]`;
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
