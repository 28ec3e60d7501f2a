/** Secrets of a test's own, each planted in one place, and the search for them. */

/** What a canary looks like: a text that says nothing, or what a detector knows. */
type Shape = 'text' | 'email' | 'token' | 'card' | 'ip' | 'password' | 'word';

export interface Canary {
  /** Where it was planted. */
  readonly where: string;
  readonly text: string;
}

const SHAPES: readonly Shape[] = ['email', 'token', 'card', 'ip'];

/** Plants canaries that are texts which say nothing, or such as a detector can find. */
export class Canaries {
  readonly planted: Canary[] = [];
  readonly #detectable: boolean;

  constructor(detectable: boolean) {
    this.#detectable = detectable;
  }

  /** A new canary for a place. */
  plant(where: string): string {
    const count = this.planted.length;
    const shape = this.#detectable ? (SHAPES[count % SHAPES.length] ?? 'email') : 'text';
    const text = canaryOf(shape, count);
    this.planted.push({ where, text });
    return text;
  }

  /** A name with a canary in it that passes for one, where canaries can be detected; else it is plain identity. */
  name(plain: string, shape: 'ip' | 'word' = 'ip'): string {
    if (!this.#detectable) return plain;
    const text = canaryOf(shape, this.planted.length);
    this.planted.push({ where: `name ${plain}`, text });
    return shape === 'word' ? text : `${plain} ${text}`;
  }

  /** One whose key or cue gives it away. */
  password(where: string): string {
    const text = canaryOf('password', this.planted.length);
    this.planted.push({ where, text });
    return text;
  }
}

function canaryOf(shape: Shape, count: number): string {
  const unique = `${String(count).padStart(3, '0')}${crypto.randomUUID().replaceAll('-', '')}`;
  switch (shape) {
    case 'text':
      return `canary${unique.replace(/\d/g, (digit) => 'ghijklmnop'.charAt(Number(digit)))}`;
    case 'email':
      return `bird${unique.slice(0, 16)}@corp.example`;
    case 'token':
      // Assembled, so that no scanner takes this file for a leak.
      return ['dop', 'v1', `${unique}${unique}`.replace(/[^0-9a-f]/g, '').slice(0, 64)].join('_');
    case 'card':
      return withCheckDigit(`4${String(count).padStart(4, '0')}${digitsOf(unique)}`.slice(0, 15));
    case 'ip':
      return `203.${1 + (count % 250)}.${1 + (Number.parseInt(unique.slice(5, 7), 16) % 250)}.77`;
    case 'word':
      return ['lin', 'api', `${unique}${unique}`.slice(0, 40)].join('_');
    case 'password':
      return `Correct7${unique.slice(0, 14)}!`;
  }
}

function digitsOf(unique: string): string {
  return Array.from(unique, (letter) => letter.charCodeAt(0) % 10).join('');
}

/** ISO/IEC 7812. */
function withCheckDigit(digits: string): string {
  const sum = Array.from(digits).reduce((total, letter, place) => {
    const digit = Number(letter) * (place % 2 === 0 ? 2 : 1);
    return total + (digit > 9 ? digit - 9 : digit);
  }, 0);
  return `${digits}${(10 - (sum % 10)) % 10}`;
}

/** A canary and what it can be written as; half of a long one is a leak as well. */
function formsOf(text: string): string[] {
  const half = Math.floor(text.length / 2);
  const parts = text.length >= 24 ? [text, text.slice(0, half), text.slice(half)] : [text];
  return [
    ...parts,
    encodeURIComponent(text),
    // Base64 of a longer text holds it at one of three offsets.
    ...[0, 1, 2].map((offset) => btoa('x'.repeat(offset) + text).slice(offset && 4, -4)),
  ];
}

/** The places whose canaries a text holds in any form. */
export function foundIn(bytes: string, canaries: readonly Canary[]): string[] {
  return canaries
    .filter(({ text }) => formsOf(text).some((form) => bytes.includes(form)))
    .map(({ where }) => where);
}
