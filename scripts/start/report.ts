/** Says what came of a round, in words and tables. */
import type { FlushReport } from '../../src/model/exporter.ts';
import type { Output } from './output.ts';
import { isWhole } from './round.ts';
import type { Arrival, Sent } from './round.ts';
import type { SearchResult, Sightings } from './search.ts';
import type { StoreTotals } from './traces.ts';
import { counted, formatDuration, printTree } from './tree.ts';

export function printAnswers(sent: readonly Sent[], output: Output): void {
  for (const { demo, answer, problem } of sent) {
    const what = `${demo.title.padEnd(20)} ${demo.path.padEnd(15)}`;
    const status = answer ? `${answer.status}  ${formatDuration(answer.ms).padStart(7)}` : '';
    if (problem === undefined) {
      output.ok(`${what} ${status}${answer?.left ? '  disconnected' : ''}`);
    } else {
      output.bad(`${what} ${status}`);
      output.line(`           ${problem}`);
    }
  }
}

export function printTrees(
  sent: readonly Sent[],
  arrivals: readonly Arrival[],
  output: Output,
): void {
  for (const { demo, answer } of sent) {
    const arrival = arrivals.find(({ traceId }) => traceId === answer?.traceId);
    if (arrival?.stored) printTree(demo.title, arrival.stored, output);
  }
}

function sum(arrivals: readonly Arrival[], pick: (arrival: Arrival) => number): number {
  return arrivals.reduce((total, arrival) => total + pick(arrival), 0);
}

/** @returns whether everything arrived. */
export function printDelivery(
  sent: readonly Sent[],
  arrivals: readonly Arrival[],
  output: Output,
): boolean {
  for (const { traceId } of arrivals.filter(({ stored }) => stored?.status === 'incomplete'))
    output.bad(`${traceId}: its end has not arrived`);
  for (const { traceId, account, lost } of arrivals.filter(
    (arrival) => arrival.lost > 0 || arrival.account.failed > 0,
  )) {
    output.bad(
      `${traceId}: ${lost} of ${account.captured} spans lost${account.errors.map((error) => `\n           ${error}`).join('')}`,
    );
  }
  const lost = sum(arrivals, (arrival) => arrival.lost);
  const captured = sum(arrivals, ({ account }) => account.captured - account.repeated);
  const stored = sum(arrivals, (arrival) => arrival.stored?.spans.length ?? 0);
  const traces = arrivals.filter((arrival) => arrival.stored !== undefined).length;
  const text = `${traces} of ${sent.length} traces, ${captured} spans captured, ${stored} in D1, ${lost} lost`;
  const good = arrivals.every(isWhole) && traces === sent.length;
  if (good) output.ok(text);
  else output.bad(text);
  return good;
}

/**
 * What the store itself counts of this run: what it has now, less what it had before.
 *
 * @returns whether it knows of no loss.
 */
export function printTotals(before: StoreTotals, now: StoreTotals, output: Output): boolean {
  const more = (pick: (totals: StoreTotals) => number): number =>
    Math.max(0, pick(now) - pick(before));
  const sumOf =
    (pick: (day: StoreTotals['days'][number]) => number) =>
    ({ days }: StoreTotals): number =>
      days.reduce((total, day) => total + pick(day), 0);
  const traces = more(sumOf((day) => day.traces));
  const spans = more(sumOf((day) => day.spans));
  const [lost, missing] = [more((totals) => totals.lost), more((totals) => totals.missing)];
  const dead = more(({ deadLetters }) => deadLetters.received);
  output.ok(`the store's daily totals: ${counted(traces, 'trace')}, ${counted(spans, 'span')}`);
  const good = lost + missing + dead === 0;
  const text = `lost: ${lost} · missing: ${missing} · dead letters: ${dead}`;
  if (good) output.ok(text);
  else output.bad(text);
  return good;
}

export function printRefused(reports: readonly FlushReport[], output: Output): void {
  const totals = new Map<string, number>();
  for (const { refused } of reports) {
    for (const [kind, count] of Object.entries(refused))
      totals.set(kind, (totals.get(kind) ?? 0) + count);
  }
  const words = [...totals].map(([kind, count]) => `${kind} ${count}`).join(', ');
  output.ok(`refused as identity, and counted: ${words || 'none'}`);
}

function describe(sightings: Sightings | undefined): string {
  if (!sightings || !isFound(sightings)) return 'nowhere';
  return `${counted(sightings.rows, 'row')}, ${counted(sightings.files, 'file')}`;
}

const isFound = ({ files, rows }: Sightings): boolean => files + rows > 0;

/** A real model may settle the matter without the tool that fails; then there is no tool error to find. */
function provesItself(control: SearchResult, offline: boolean): boolean {
  return [...control.found].every(
    ([place, sightings]) => isFound(sightings) || (!offline && place === 'tool error'),
  );
}

/** @returns whether no secret was stored, and the control shows that the search would have found each. */
export function printSearch(
  stored: SearchResult,
  control: SearchResult,
  offline: boolean,
  output: Output,
): boolean {
  output.line(`         ${'planted in'.padEnd(24)}${'metadataOnly'.padEnd(20)}full (control)`);
  for (const [place, sightings] of stored.found) {
    output.line(
      `         ${place.padEnd(24)}${describe(sightings).padEnd(20)}${describe(control.found.get(place))}`,
    );
  }
  const kilobytes = Math.round(stored.bytesSearched / 1000);
  output.line(
    `         searched ${stored.filesSearched} files (${kilobytes} kB) and ${stored.rowsSearched} rows`,
  );
  const clean = ![...stored.found.values()].some(isFound);
  const sound = provesItself(control, offline);
  if (clean) output.ok('no planted secret is in any stored byte');
  else output.bad('a planted secret was stored');
  if (sound) output.ok('the same search finds every one of them in the control run');
  else output.bad('the search missed a secret in the control run, so it proves nothing');
  return clean && sound;
}

export function printServing(origin: string, output: Output): void {
  const message = '{"message":"Where is order A-1001?"}';
  output.line(`
Still serving; Ctrl-C stops it. Ask something:
  ${output.paint('cyan', `curl ${origin}/support -d '${message}'`)}
look at the traces, in a browser:
  ${output.paint('cyan', `${origin}/traces`)}
and see what else to try:
  ${output.paint('cyan', `curl ${origin}`)}`);
}
