/** Audio among the parts of a model's messages. */
import type { Json } from '../model/records.ts';
import type { Identify } from './matrix.ts';

const AUDIO = /^(?:(?:in|out)put_)?audio$/;

/** Whether a member of an object is audio: of a part that is of that type, or an assistant's spoken answer. */
export function isAudio(type: unknown, key: string): boolean {
  return key === 'audio' || (key !== 'type' && typeof type === 'string' && AUDIO.test(type));
}

/** Models' messages nest a few levels; what is deeper is content like any other. */
export const MAX_PART_DEPTH = 12;

/** The value with what stands for its audio in the place of it. */
export async function withoutAudio(value: Json, identify: Identify, depth = 0): Promise<Json> {
  if (typeof value !== 'object' || value === null || depth > MAX_PART_DEPTH) return value;
  const below = (item: Json): Promise<Json> => withoutAudio(item, identify, depth + 1);
  if (Array.isArray(value)) return Promise.all(value.map(below));
  const members = Object.entries(value).map(async ([key, item]) => [
    key,
    await (isAudio(value['type'], key) ? identify(item) : below(item)),
  ]);
  return Object.fromEntries(await Promise.all(members)) as Json;
}
