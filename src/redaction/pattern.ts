/** Detectors from regular expressions, matched in linear time whatever the expression is. */
import { SluiceError } from '../model/errors.ts';
import type { Detector } from './engine.ts';

export interface PatternOptions {
  /** What masks and options call it: 2 to 40 small letters, digits and `_`. */
  name: string;
  /** An expression in RE2's syntax: no look-around and no back-references, which cannot be linear. */
  pattern: string;
  /** Whether letters match in both cases. @default false */
  ignoreCase?: boolean;
}

/**
 * Makes a detector from an expression. It runs on `re2js`, which is an optional
 * dependency and is loaded by this call alone.
 *
 * @throws SluiceError `invalid_option` where `re2js` is not installed or the expression is none.
 * @example
 * ```ts
 * const employee = await patternDetector({ name: 'employee_id', pattern: 'EMP-[0-9]{6}' });
 * createRedactor({ custom: [employee] }).text('ask EMP-004211'); // 'ask [employee_id]'
 * ```
 */
export async function patternDetector(options: PatternOptions): Promise<Detector> {
  const { name, pattern, ignoreCase = false } = options;
  const { RE2JS } = await import('re2js').catch((cause: unknown) => {
    throw new SluiceError(
      'invalid_option',
      'patternDetector needs the package `re2js`: install it.',
      { cause },
    );
  });
  const compiled = compile(
    () => RE2JS.compile(pattern, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0),
    name,
  );
  return {
    name,
    *find(text) {
      const matcher = compiled.matcher(text);
      while (matcher.find()) yield [matcher.start(), matcher.end()];
    },
  };
}

function compile<T>(make: () => T, name: string): T {
  try {
    return make();
  } catch (cause) {
    const message = `patternDetector: the pattern of \`${name}\` is no expression of RE2; it has no look-around and no back-references.`;
    throw new SluiceError('invalid_option', message, { cause });
  }
}
