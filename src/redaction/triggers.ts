/**
 * What makes the scanner stop, as an automaton: a sign behind a certain character,
 * or the first three characters of a prefix at the beginning of a word. Two
 * look-ups a character, so that a clean text costs a loop.
 */

/** Kinds below this are signs; above it are the third character of a prefix, and the second of a prefix of two. */
export const THIRD = 32;
export const SECOND = 64;

/** A sign, what stands before it, and its kind is its place in the list, from 1. */
export type Sign = readonly [signs: string, before: RegExp, ...unknown[]];

export interface Automaton {
  /** Of each state and character, at `state << 7 | code`: the next state, likewise moved, above eight bits of what to do. */
  readonly steps: Uint32Array;
  /** The state behind a character wherever it stands. */
  readonly behind: Uint8Array;
  /** Of a state and character that complete the first three characters of prefixes: those characters. */
  readonly wholes: ReadonlyMap<number, string>;
}

/** The steps in the making. */
interface Tables {
  readonly next: Uint16Array;
  readonly kind: Uint8Array;
  readonly behind: Uint8Array;
}

const CODES = 128;
const CHARACTERS: readonly string[] = Array.from({ length: CODES }, (_, code) =>
  String.fromCharCode(code),
);

/** Behind a sign or a digit, or a capital behind a small letter: tokens stand where a text was put together without blanks. */
const WORD_BEGINS = /^(?:[^A-Za-z\d].|\d\D|[a-z](?=[A-Z]).)/s;
const LETTER = /[a-z\d]/i;

/**
 * Behind these a word begins as behind a blank: texts are escaped that are not JSON as a
 * whole, such as a log line or JSON that was cut. `h` is a hex digit.
 */
const ESCAPES: readonly string[] = ['\\n', '\\r', '\\t', '\\b', '\\f', '\\uhhhh', '%hh'];
const ESCAPED = 8;
const HEX = /[\da-f]/i;

/** Builds the automaton: a state for each character, then one for each beginning of a prefix. */
export function automaton(signs: readonly Sign[], prefixes: readonly string[]): Automaton {
  const heads = [
    ...new Set(
      prefixes.flatMap((prefix) => [
        prefix.slice(0, 1),
        prefix.slice(0, Math.min(2, prefix.length - 1)),
      ]),
    ),
  ];
  const states = new Map(heads.map((head, place) => [head, CODES + place]));
  const next = new Uint16Array((CODES + heads.length + ESCAPED) * CODES);
  const kind = new Uint8Array(next.length);
  const behind = new Uint8Array(CODES);
  signs.forEach(([members, before], place) => {
    for (const member of members)
      CHARACTERS.forEach((character, code) => {
        if (before.test(character)) kind[code * CODES + member.charCodeAt(0)] ||= place + 1;
      });
  });
  const classes = new Map<string, number>();
  CHARACTERS.forEach((character, code) => {
    const own = '\\%'.includes(character) ? character : '';
    const row = `${own}${kind.subarray(code * CODES, (code + 1) * CODES).join('')}${LETTER.test(character)}${WORD_BEGINS.test(`${character}A`)}${WORD_BEGINS.test(`${character}a`)}`;
    if (!classes.has(row)) classes.set(row, code);
    behind[code] = classes.get(row) ?? 0;
  });
  for (const code of classes.values())
    CHARACTERS.forEach((character, to) => {
      const begun = WORD_BEGINS.test(CHARACTERS[code] + character) && states.get(character);
      next[code * CODES + to] = begun || behind[to] || 0;
    });
  const wholes = addPrefixes(states, prefixes, { next, kind, behind });
  addEscapes(CODES + heads.length, { next, kind, behind });
  const steps = Uint32Array.from(next, (to, place) => (to << 15) | (kind[place] ?? 0));
  return { steps, behind, wholes };
}

function addEscapes(free: number, { next, kind, behind }: Tables): void {
  const blank = behind[32] ?? 0;
  let added = free;
  for (const escape of ESCAPES) {
    let state = behind[escape.charCodeAt(0)] ?? 0;
    for (let at = 1; at < escape.length; at += 1) {
      const isLast = at === escape.length - 1;
      const step = escape.charAt(at);
      const to = isLast ? blank : added;
      CHARACTERS.forEach((character, code) => {
        if (step === character || (step === 'h' && HEX.test(character)))
          next[state * CODES + code] = to;
      });
      if (isLast) continue;
      // What goes on otherwise goes on as behind any other letter or digit.
      const like = behind[step.charCodeAt(0)] ?? 0;
      next.copyWithin(added * CODES, like * CODES, (like + 1) * CODES);
      kind.copyWithin(added * CODES, like * CODES, (like + 1) * CODES);
      state = added;
      added += 1;
    }
  }
}

function addPrefixes(
  states: ReadonlyMap<string, number>,
  prefixes: readonly string[],
  { next, kind, behind }: Tables,
): ReadonlyMap<number, string> {
  const placeOf = (head: string): number =>
    (states.get(head.slice(0, -1)) ?? 0) * CODES + head.charCodeAt(head.length - 1);
  for (const [head, state] of states) {
    // What goes on with no prefix goes on as behind the last character.
    const like = behind[head.charCodeAt(head.length - 1)] ?? 0;
    next.copyWithin(state * CODES, like * CODES, (like + 1) * CODES);
    kind.copyWithin(state * CODES, like * CODES, (like + 1) * CODES);
  }
  for (const [head, state] of states) if (head.length === 2) next[placeOf(head)] = state;
  const wholes = new Map<number, string>();
  for (const whole of new Set(prefixes.map((prefix) => prefix.slice(0, 3)))) {
    const place = placeOf(whole);
    kind[place] = (kind[place] ?? 0) | (whole.length === 3 ? THIRD : SECOND);
    wholes.set(place, whole);
  }
  return wholes;
}
