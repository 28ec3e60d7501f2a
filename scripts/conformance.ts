/**
 * `npm run conformance`: the same cases with Sluice and with the recipe of the SDK's
 * documentation, judged by the same oracle. Exit code 1 where Sluice is not perfect.
 */
import process from 'node:process';
import { CASES } from '../test/conformance/cases/all.ts';
import { isPerfect } from '../test/conformance/oracle/judge.ts';
import { runRecipe } from '../test/conformance/stage/recipe.ts';
import { runSluice } from '../test/conformance/stage/sluice.ts';
import { cellOf, heading, line, summaryOf } from './conformance/table.ts';

/** Workers that share the baseline's cases; each of those waits most of its time. */
const LANES = 6;

const wanted = process.argv.slice(2).join(' ');
const cases = CASES.filter(({ name }) => name.includes(wanted));
if (cases.length === 0) {
  console.error(`no case has a name with "${wanted}" in it`);
  console.error("usage: npm run conformance [-- part of a case's name]");
  process.exit(2);
}

progress(`${cases.length} cases with Sluice …`);
const sluice = await runSluice(cases);
let judged = 0;
const recipe = await runRecipe(cases, LANES, ({ name }) => {
  judged += 1;
  progress(`${judged} of ${cases.length} cases with the recipe … ${name}`);
});
progress('');

console.log(heading());
for (const given of cases) {
  const [ours, theirs] = [sluice.get(given), recipe.get(given)];
  console.log(line(given.name, cellOf(ours), cellOf(theirs?.verdict, theirs?.poisoned)));
}
const ours = [...sluice.values()];
const theirs = [...recipe.values()];
console.log(summaryOf(ours, theirs));
process.exit(ours.every(isPerfect) ? 0 : 1);

/** Goes away again, and out of the way of a pipe. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
  else if (process.env['VERBOSE']) process.stderr.write(`${new Date().toISOString()} ${text}\n`);
}
