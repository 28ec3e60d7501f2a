/** Words of the trade of handing over and asking, which say nothing about the matter itself. */
const COMMON = new Set(
  'a about agent all an and any are as at be by can could do does for from get handl handoff has have help i if in is it its me my of on or our please request that the their them there this to tool transfer up us use want was we what when which will with would you your'.split(
    ' ',
  ),
);

/** Folds the endings that a question and a description are likely to differ in. */
function stem(word: string): string {
  return word.length > 3 ? word.replace(/(?:ing|ed|es|s|e)$/, '') : word;
}

/** The words of a text that carry its matter, folded: lower case, without ordinary endings. */
export function keywords(text: string): Set<string> {
  const words = text.toLowerCase().match(/[a-z]+/g) ?? [];
  return new Set(words.map(stem).filter((word) => word.length > 1 && !COMMON.has(word)));
}
