/** The redactor: a policy, applied to texts and to JSON values. */
import { hmacHex, importHmacKey } from '../model/hmac.ts';
import type { HmacKey } from '../model/hmac.ts';
import type { Json } from '../model/records.ts';
import { take } from './budget.ts';
import type { RedactionBudget } from './budget.ts';
import { redactPlain } from './engine.ts';
import type { Rules } from './engine.ts';
import { indentOf, parseJson, writeJson } from './json.ts';
import { kindOfKey } from './keys.ts';
import type { KeyKind } from './keys.ts';
import { resolveRules } from './rules.ts';
import type { RedactionPolicy } from './rules.ts';
import { walk } from './walk.ts';
import type { Judge, JudgedKey } from './walk.ts';

/** A compiled policy. Its methods never throw and never change what they are given. */
export interface Redactor {
  /**
   * Redacts a text. One that is JSON is read, walked and written again; any other
   * is searched. `hash` needs time: here it is a mask.
   */
  text(text: string, budget?: RedactionBudget): string;
  /** Redacts a JSON value, JSON in its texts included. The same value comes back where nothing was found. */
  value(value: Json, budget?: RedactionBudget): Json;
  /** As `text`, with hashes. */
  textAsync(text: string, budget?: RedactionBudget): Promise<string>;
  /** As `value`, with hashes. */
  valueAsync(value: Json, budget?: RedactionBudget): Promise<Json>;
}

/** What stands for a value that the budget did not suffice for. */
const OVER_BUDGET = '[over_budget]';

const HASH_DIGITS = 16;

/** No built-in detector finds anything in fewer characters. */
const MIN_FINDING = 6;

/** Numbers of fewer digits are counts, prices and codes. */
const MIN_NUMBER = 1_000_000;

/**
 * Compiles a policy. Without options every built-in detector masks.
 *
 * @throws SluiceError `invalid_option` that names the option.
 * @example
 * ```ts
 * const redactor = createRedactor({ detectors: { card: 'partial', ip: false } });
 * redactor.text('card 4242 4242 4242 4242 from 203.0.113.7'); // 'card [card:*4242] from 203.0.113.7'
 * redactor.value({ password: 'correct horse' }); // { password: '[secret]' }
 * ```
 */
export function createRedactor(policy: RedactionPolicy = {}): Redactor {
  const rules: Rules = { ...resolveRules(policy), keys: new Map(), digest: () => undefined };
  const { hashKey } = policy;
  const later = async <T>(
    run: (hashed: Rules, budget?: RedactionBudget) => T,
    budget?: RedactionBudget,
  ): Promise<T> =>
    hashKey === undefined ? run(rules, budget) : withHashes(hashKey, rules, run, budget);
  return Object.freeze({
    text: (text: string, budget?: RedactionBudget) => inText(text, rules, budget),
    value: (value: Json, budget?: RedactionBudget) => inValue(value, rules, budget),
    textAsync: async (text: string, budget?: RedactionBudget) =>
      later((hashed, left) => inText(text, hashed, left), budget),
    valueAsync: async (value: Json, budget?: RedactionBudget) =>
      later((hashed, left) => inValue(value, hashed, left), budget),
  });
}

let byDefault: Redactor | undefined;

/**
 * Redacts a text, which may be JSON.
 *
 * @throws SluiceError `invalid_option` where the policy is malformed; never for a text.
 * @example
 * ```ts
 * redactText('mail bob@corp.example'); // 'mail [email]'
 * redactText('{"password":"hunter2"}'); // '{"password":"[secret]"}'
 * ```
 */
export function redactText(text: string, policy?: RedactionPolicy): string {
  if (policy !== undefined) return createRedactor(policy).text(text);
  byDefault ??= createRedactor();
  return byDefault.text(text);
}

function inText(text: string, rules: Rules, budget?: RedactionBudget): string {
  const result = redactAny(text, '', 'none', rules, budget);
  return result ?? overBudget(budget);
}

function inValue(value: Json, rules: Rules, budget?: RedactionBudget): Json {
  const result = walk(value, judgeOf(rules, budget));
  return result === undefined ? overBudget(budget) : result.value;
}

function overBudget(budget?: RedactionBudget): string {
  if (budget) budget.dropped += 1;
  return OVER_BUDGET;
}

/**
 * Undefined when the budget was exhausted. It recurses for JSON in JSON's texts,
 * where each level doubles the backslashes of the one within: the logarithm of the length.
 */
function redactAny(
  text: string,
  key: string,
  kind: KeyKind,
  rules: Rules,
  budget?: RedactionBudget,
): string | undefined {
  if (!take(budget, text.length)) return undefined;
  if (text.length < MIN_FINDING && kind === 'none' && rules.custom.length === 0) return text;
  const json = kind === 'secret' ? undefined : parseJson(text);
  if (json === undefined) return redactPlain(text, key, kind, rules);
  if (typeof json === 'string') {
    const inner = redactAny(json, key, kind, rules, budget);
    return inner === json ? text : inner && JSON.stringify(inner);
  }
  const walked = walk(json, judgeOf(rules, budget));
  if (walked === undefined) return undefined;
  return walked.value === json ? text : writeJson(walked.value, walked.levels, indentOf(text));
}

/** What decides on the members of a value. */
function judgeOf(rules: Rules, budget?: RedactionBudget): Judge {
  return {
    text: (text, key, kind) => redactAny(text, key, kind, rules, budget),
    number(value, key, kind) {
      if (Math.abs(value) < MIN_NUMBER && kind !== 'secret') return value;
      const text = String(value);
      const redacted = redactPlain(text, key, kind === 'likely' ? 'none' : kind, rules);
      return redacted === text ? value : redacted;
    },
    key(key) {
      const known = rules.keys.get(key);
      if (known !== undefined) return known;
      // What is left of the key judges, as a second pass would.
      const name = redactPlain(key, '', 'none', rules);
      const judged = { name, kind: kindOfKey(name) };
      if (judged.name === key) remember(rules.keys, judged);
      return judged;
    },
    spend: () => take(budget, 1),
  };
}

const MAX_KEYS = 512;
const MAX_KEY = 40;

/** Spans have the same few keys, so that a small memory spares most of their judging. */
function remember(keys: Map<string, JudgedKey>, judged: JudgedKey): void {
  if (judged.name.length > MAX_KEY) return;
  if (keys.size >= MAX_KEYS) keys.clear();
  keys.set(judged.name, judged);
}

/** Hashes are asynchronous: what is to be hashed is gathered in one pass and put in place in a second. */
async function withHashes<T>(
  hashKey: HmacKey,
  rules: Rules,
  run: (rules: Rules, budget?: RedactionBudget) => T,
  budget?: RedactionBudget,
): Promise<T> {
  const wanted = new Set<string>();
  const dropped = budget?.dropped;
  const first = run({ ...rules, digest: (text) => void wanted.add(text) }, budget);
  if (wanted.size === 0 || budget?.dropped !== dropped) return first;
  const key = await importHmacKey(hashKey);
  const hashes = new Map<string, string>();
  for (const text of wanted) hashes.set(text, await hmacHex(key, text, HASH_DIGITS));
  return run({ ...rules, digest: (text) => hashes.get(text) });
}
