/** What a matcher shows of a difference: plain lines that any runner and any log can print. */

/** A whole failure, its headline included: it is read in a terminal, between a stack and the next failure. */
const MAX_MESSAGE_LINES = 20;

/** Below a headline and a blank line. */
const MAX_SHOWN_LINES = MAX_MESSAGE_LINES - 2;

/** As many lines as a reader takes in, and how many there were besides. */
export function clipLines(lines: readonly string[], max: number = MAX_SHOWN_LINES): string[] {
  if (lines.length <= max) return [...lines];
  return [...lines.slice(0, max - 1), `  … ${lines.length - max + 1} more lines`];
}

/** One line of a difference. */
interface DiffLine {
  sign: ' ' | '-' | '+';
  text: string;
}

/**
 * The shortest way from the expected lines to the received ones, by longest
 * common subsequence.
 *
 * @param matches whether a received line is what an expected one means
 */
export function diffLines(
  expected: readonly string[],
  received: readonly string[],
  matches: (expected: string, received: string) => boolean,
): DiffLine[] {
  const common = commonLengths(expected, received, matches);
  const at = (i: number, j: number): number => common[i]?.[j] ?? 0;
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < expected.length || j < received.length) {
    const [wanted, got] = [expected[i], received[j]];
    if (wanted !== undefined && got !== undefined && matches(wanted, got)) {
      lines.push({ sign: ' ', text: got });
      i += 1;
      j += 1;
    } else if (wanted !== undefined && (got === undefined || at(i + 1, j) >= at(i, j + 1))) {
      lines.push({ sign: '-', text: wanted });
      i += 1;
    } else {
      lines.push({ sign: '+', text: got ?? '' });
      j += 1;
    }
  }
  return lines;
}

function commonLengths(
  expected: readonly string[],
  received: readonly string[],
  matches: (expected: string, received: string) => boolean,
): number[][] {
  const table = Array.from({ length: expected.length + 1 }, () =>
    Array<number>(received.length + 1).fill(0),
  );
  const at = (i: number, j: number): number => table[i]?.[j] ?? 0;
  for (let i = expected.length - 1; i >= 0; i -= 1) {
    for (let j = received.length - 1; j >= 0; j -= 1) {
      const isCommon = matches(expected[i] ?? '', received[j] ?? '');
      const row = table[i];
      if (row) row[j] = isCommon ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  return table;
}

/** A difference around its first changed line, so that a long tree that matches does not hide it. */
export function showDiff(lines: readonly DiffLine[]): string {
  const first = lines.findIndex(({ sign }) => sign !== ' ');
  const from = lines.length <= MAX_SHOWN_LINES ? 0 : Math.max(0, first - 4);
  const shown = lines.slice(from).map(({ sign, text }) => `${sign} ${text}`.trimEnd());
  const skipped = from > 0 ? [`  … ${from} lines that match`] : [];
  return ['- expected, + received', '', ...skipped, ...clipLines(shown, MAX_SHOWN_LINES - 3)].join(
    '\n',
  );
}
