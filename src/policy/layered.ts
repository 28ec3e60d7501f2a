/** The matrix that a policy's layers make. */
import { differsByPart, isBare, rule, speaksOfNames } from './layers.ts';
import type { Layer } from './layers.ts';
import type { Matrix } from './matrix.ts';
import { namesJudge } from './names.ts';
import { treatmentOf } from './treatment.ts';

/** @param layers the most specific first */
export function layeredMatrix(layers: readonly Layer[], maxCharacters: number): Matrix {
  const mayDiffer = differsByPart(layers);
  const judge: Matrix['judge'] = (field) => {
    const ruling = rule(layers, field);
    const { verdict, below } = ruling;
    const hasParts = mayDiffer && field.class === 'model' && verdict !== 'drop';
    const isPlain = verdict === 'keep' || verdict === 'drop';
    if (isPlain && !hasParts && below.length === 0) return verdict;
    return treatmentOf(ruling, hasParts ? layers : []);
  };
  const names = speaksOfNames(layers) ? namesJudge(judge) : undefined;
  return { judge, names, isBare: isBare(layers), maxCharacters };
}
