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
  for (const option of Object.keys(Object(policy)))
    check(OPTIONS.includes(option), option, `is no option; the options are ${OPTIONS.join(', ')}`);
  const { action = 'mask', detectors = {}, custom = [], hashKey } = policy;
  check(Array.isArray(custom), 'custom', 'must be a list of detectors');
  const names = new Set([...Object.values(GROUPS).flat(), ...OTHER_MASKS]);
  for (const detector of custom) {
    const { name: given, find } = Object(detector) as { name?: unknown; find?: unknown };
    const name = String(given);
    const isNew = NAME.test(name) && !names.has(name) && !GROUPS[name];
    check(
      isNew,
      `custom ${name}`,
      'needs a name of its own of 2 to 40 small letters, digits and "_"',
    );
    check(typeof find === 'function', `custom ${name}`, 'needs a `find` function');
    names.add(name);
  }
  const actions = actionsOf(
    action,
    detectors,
    [...names].filter((name) => !OTHER_MASKS.includes(name)),
  );
  check(hashKey === undefined || isHmacKey(hashKey), 'hashKey', HMAC_KEY_RULE);
  const hashes = hashKey === undefined && [...actions.values()].includes('hash');
  check(!hashes, 'hashKey', `${HMAC_KEY_RULE}, as an action is "hash"`);
  return { actions, names, custom: custom.filter(({ name }) => actions.has(name)) };
}

function actionsOf(
  action: Action,
  detectors: { readonly [name: string]: Action | boolean },
  names: readonly string[],
): Map<string, Action> {
  checkAction('action', action);
  const actions = new Map(names.map((name) => [name, action]));
  // Groups first, so that a detector's own entry wins.
  const entries = Object.entries(detectors).toSorted(
    ([a], [b]) => Number(b in GROUPS) - Number(a in GROUPS),
  );
  for (const [name, choice] of entries) {
    const members = Object.hasOwn(GROUPS, name) ? GROUPS[name] : names.includes(name) && [name];
    check(Boolean(members), `detectors.${name}`, 'is no detector and no group');
    if (typeof choice !== 'boolean') checkAction(`detectors.${name}`, choice);
    for (const member of members || []) {
      if (choice === false) actions.delete(member);
      else actions.set(member, choice === true ? action : choice);
    }
  }
  return actions;
}

function checkAction(option: string, action: unknown): void {
  check(ACTIONS.includes(action), option, `must be one of ${ACTIONS.join(', ')}`);
}

function check(isValid: boolean, option: string, problem: string): void {
  if (!isValid)
    throw new SluiceError(
      'invalid_option',
      `createRedactor: \`${option.slice(0, 64)}\` ${problem}.`,
    );
}
