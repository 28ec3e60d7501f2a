import { MAX_NAME_CHARACTERS } from '../model/limits.ts';
import { looksSensitive } from './shape.ts';

/** Control characters, the invisible ones that reorder what a reader sees, and halves of characters. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

/** Whether the name of an agent, a tool, a model or a guardrail may leave as it is. */
export function isSafeName(name: string): boolean {
  return (
    name.length > 0 &&
    name.length <= MAX_NAME_CHARACTERS &&
    !UNPRINTABLE.test(name) &&
    !looksSensitive(name)
  );
}

const CODE = /^[A-Za-z][A-Za-z0-9_.:-]{0,63}$/;

/** Whether a text is a stable identifier, such as an outcome's name or code, an event's name. */
export function isStableCode(code: unknown): code is string {
  return typeof code === 'string' && CODE.test(code) && !looksSensitive(code);
}
