/** Resolves and validates a redaction policy, once. */
import { SluiceError } from '../model/errors.ts';
import { HMAC_KEY_RULE, isHmacKey } from '../model/hmac.ts';
import type { HmacKey } from '../model/hmac.ts';
import type { Action } from './actions.ts';
import { GROUPS, OTHER_MASKS } from './detectors.ts';
import type { Detector, Rules } from './engine.ts';

/** What a redactor does with what it finds. */
export interface RedactionPolicy {
  /** Where `detectors` says nothing else. @default 'mask' */
  action?: Action;
  /**
   * Action by detector or by group (`credentials`, `personal`); `false` turns off,
   * `true` is the default action. A detector's own entry wins over its group's.
   */
  detectors?: { readonly [name: string]: Action | boolean };
  /** Detectors of the application, run on every text beside the built-in ones. */
  custom?: readonly Detector[];
  /** The secret of `hash`: at least 16 characters, or a `CryptoKey` for HMAC that may sign. */
  hashKey?: HmacKey;
}

const ACTIONS: readonly unknown[] = ['mask', 'partial', 'hash', 'remove'];
const OPTIONS: readonly string[] = ['action', 'detectors', 'custom', 'hashKey'];
const NAME = /^[a-z][a-z0-9_]{1,39}$/;

/** @throws SluiceError `invalid_option` that names the option. */
export function resolveRules(policy: RedactionPolicy): Omit<Rules, 'digest' | 'keys'> {
  if (typeof policy !== 'object' || policy === null || Array.isArray(policy))
    throw invalid('takes an object such as { detectors: { email: "hash" }, hashKey }');
  const unknown = Object.keys(policy).find((option) => !OPTIONS.includes(option));
  if (unknown !== undefined)
    throw invalid(`there is no option \`${unknown.slice(0, 64)}\`; the options are ${OPTIONS.join(', ')}`);
  const { action = 'mask', detectors = {}, custom = [], hashKey } = policy;
  checkAction('action', action);
  const own = namesOf(custom);
  const actions = actionsOf(action, detectors, own);
  const hashes = [...actions.values()].includes('hash');
  if (hashKey !== undefined && !isHmacKey(hashKey)) throw invalid(`\`hashKey\` ${HMAC_KEY_RULE}`);
  if (hashes && hashKey === undefined) throw invalid(`\`hash\` needs \`hashKey\`: it ${HMAC_KEY_RULE}`);
  const names = new Set([...Object.values(GROUPS).flat(), ...OTHER_MASKS, ...own]);
  return { actions, names, custom: custom.filter(({ name }) => actions.has(name)) };
}

function namesOf(custom: readonly Detector[]): string[] {
  if (!Array.isArray(custom)) throw invalid('`custom` must be a list of detectors');
  const builtIn = new Set([...Object.keys(GROUPS), ...Object.values(GROUPS).flat(), ...OTHER_MASKS]);
  return custom.map((detector: Detector) => {
    const { name, find } = Object(detector) as Partial<Detector>;
    if (typeof name !== 'string' || !NAME.test(name))
      throw invalid('a detector of `custom` needs a `name` of 2 to 40 small letters, digits and "_"');
    if (builtIn.has(name)) throw invalid(`\`custom\` may not use \`${name}\`, a built-in name`);
    if (typeof find !== 'function') throw invalid(`the detector \`${name}\` needs a \`find\` function`);
    return name;
  });
}

function actionsOf(
  action: Action,
  detectors: { readonly [name: string]: Action | boolean },
  own: readonly string[],
): Map<string, Action> {
  if (typeof detectors !== 'object' || detectors === null)
    throw invalid('`detectors` must be an object such as { email: "hash", ip: false }');
  const actions = new Map<string, Action>();
  for (const name of [...Object.values(GROUPS).flat(), ...own]) actions.set(name, action);
  const isGroup = (name: string): boolean => Object.hasOwn(GROUPS, name);
  const entries = Object.entries(detectors);
  for (const [name, choice] of [
    ...entries.filter(([entry]) => isGroup(entry)),
    ...entries.filter(([entry]) => !isGroup(entry)),
  ]) {
    const members = isGroup(name) ? (GROUPS[name] ?? []) : [name];
    if (!members.every((member) => actions.has(member) || isGroup(name) || detectorExists(member, own)))
      throw invalid(`\`detectors\` names \`${name.slice(0, 64)}\`, which is no detector and no group`);
    if (typeof choice !== 'boolean') checkAction(`detectors.${name}`, choice);
    for (const member of members) {
      if (choice === false) actions.delete(member);
      else actions.set(member, choice === true ? action : choice);
    }
  }
  return actions;
}

function detectorExists(name: string, own: readonly string[]): boolean {
  return own.includes(name) || Object.values(GROUPS).some((members) => members.includes(name));
}

function checkAction(option: string, action: unknown): void {
  if (!ACTIONS.includes(action)) throw invalid(`\`${option}\` must be one of ${ACTIONS.join(', ')}`);
}

function invalid(problem: string): SluiceError {
  return new SluiceError('invalid_option', `createRedactor: ${problem}.`);
}
