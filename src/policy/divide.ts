/** Takes apart a value of which parts have decisions of their own. */
import { Excerpt } from './excerpt.ts';
import type { Part } from './excerpt.ts';
import { rule } from './layers.ts';
import type { Layer, Ruling } from './layers.ts';
import type { FieldInfo } from './matrix.ts';
import { copiedParts } from './parts.ts';
import type { Json } from '../model/records.ts';

/** A value, with the decisions that it is under. */
export interface Job {
  readonly ruling: Ruling;
  readonly field: FieldInfo;
  readonly key: string;
  readonly value: Json;
}

/** A part's job, and where the part was. */
export interface PartJob extends Job {
  readonly path: readonly string[];
}

/**
 * What is left of the value, and its parts: outer ones first, as they hold inner ones.
 *
 * @param layers where copies of other data in it are to be found
 * @throws where the value is nested too deep to be copied
 */
export function divide(
  { ruling, field, key, value }: Job,
  layers: readonly Layer[],
): { base: Job; parts: PartJob[] } {
  const excerpt = new Excerpt(structuredClone(value));
  const taken: { part: Part; ruling: Ruling; field: FieldInfo }[] = [];
  for (const { path, verdict } of ruling.below) {
    const keys = path.slice(1);
    for (const place of excerpt.places(keys.slice(field.keys.length))) {
      const own = { ...field, keys: [...field.keys, ...place.path] };
      taken.push({ part: excerpt.take(place), ruling: { verdict, below: [] }, field: own });
    }
  }
  for (const { place, field: of } of layers.length > 0 ? copiedParts(excerpt, field.kind) : []) {
    const stricter = stricterOf(rule(layers, of), ruling);
    if (stricter) taken.push({ part: excerpt.take(place), ruling: stricter, field: of });
  }
  const base = { ruling: { ...ruling, below: [] }, field, key, value: excerpt.close() };
  const parts = taken.toReversed().map(({ part, ...others }) => ({
    ...others,
    ...part,
    key: part.path.at(-1) ?? key,
  }));
  return { base, parts };
}

/** A copy is under the stricter of two decisions; nothing where that is the one of what it stands in. */
function stricterOf({ verdict, below }: Ruling, around: Ruling): Ruling | undefined {
  const stricterBelow = below.filter((deeper) => deeper.verdict !== 'keep');
  if (verdict !== 'keep' && verdict !== around.verdict) return { verdict, below: stricterBelow };
  return stricterBelow.length > 0 ? { verdict: around.verdict, below: stricterBelow } : undefined;
}
