/** The conformance table, 80 columns wide, as the README quotes it. */
import type { CaseVerdict } from '../../test/conformance/oracle/account.ts';
import { isPerfect } from '../../test/conformance/oracle/judge.ts';
import type { BaselineOutcome } from '../../test/conformance/stage/recipe.ts';

const NAME_WIDTH = 50;
const CELL_WIDTH = 12;
const WIDTH = 80;

export function line(name: string, ours: string, theirs: string): string {
  const short = name.length > NAME_WIDTH ? `${name.slice(0, NAME_WIDTH - 1)}…` : name;
  return `${short.padEnd(NAME_WIDTH + 2)}${ours.padEnd(CELL_WIDTH)}${theirs}`.trimEnd();
}

export function heading(): string {
  return `${line('case', 'Sluice', 'recipe')}\n${'─'.repeat(WIDTH)}`;
}

/** What is wrong, the worst of it; spans are counted where it is about them. */
export function cellOf(verdict: CaseVerdict | undefined, poisoned = false): string {
  if (!verdict) return 'not run';
  if (isPerfect(verdict)) return 'ok';
  const { lost, duplicated, misplaced, unexpected, mixed, unaccounted } = verdict;
  const counts: [string, number][] = [
    ['lost', lost.length],
    ['twice', duplicated.length],
    ['astray', misplaced.length + unexpected.length],
    ['mixed', mixed.length],
    ['untold', unaccounted.length],
  ];
  const [what, count] = counts.find(([, n]) => n > 0) ?? ['wrong', 1];
  return `${count} ${what}${poisoned ? ' ☠' : ''}`;
}

export function summaryOf(
  ours: readonly CaseVerdict[],
  theirs: readonly BaselineOutcome[],
): string {
  const perfect = (verdicts: readonly CaseVerdict[]): number => verdicts.filter(isPerfect).length;
  const counts = (verdicts: readonly CaseVerdict[]): string => {
    const sum = (of: keyof CaseVerdict): number =>
      verdicts.reduce((total, verdict) => total + verdict[of].length, 0);
    const astray = sum('misplaced') + sum('unexpected');
    return `${sum('lost')} lost, ${sum('duplicated')} duplicated, ${astray} astray, ${sum('mixed')} mixed, ${sum('unaccounted')} untold`;
  };
  const verdictsOfTheirs = theirs.map(({ verdict }) => verdict);
  const poisoned = theirs.filter((outcome) => outcome.poisoned).length;
  const score = `Sluice ${perfect(ours)}/${ours.length} · recipe ${perfect(verdictsOfTheirs)}/${theirs.length}`;
  return [
    '─'.repeat(WIDTH),
    score,
    `Sluice: ${counts(ours)}`,
    `recipe: ${counts(verdictsOfTheirs)}`,
    '',
    'lost: not stored, where something that was well could store it. untold: a broken',
    'destination did not take it, and nobody says so. mixed: requests whose records',
    'went out in one export with those of another.',
    'Sluice meets its cases together, on one Worker. The recipe, whose buffer is the',
    'whole isolate’s, meets each alone on a quiet one, with the HTTP sink for every',
    `destination. ☠: of three healthy requests after it none is exported (${poisoned} cases).`,
    'After each case that fails the recipe begins again in a new isolate.',
  ].join('\n');
}
