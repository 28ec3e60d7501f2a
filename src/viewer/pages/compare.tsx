/** Two traces side by side: what each did, and where they part. */
import type { StoredTraceWithSpans } from '../../model/store.ts';
import type { AlignedSpan, Pair } from '../align.ts';
import { sectionsOf } from '../content.ts';
import { costOfTrace } from '../cost.ts';
import type { Prices } from '../cost.ts';
import { count, duration, money } from '../format.ts';
import type { Html } from '../html.ts';
import { Page } from '../parts/layout.tsx';
import { Value } from '../parts/value.tsx';
import { Status, When } from '../parts/words.tsx';
import { paths } from '../site.ts';
import { badgeOf, familyOf, flagOf, labelOf } from '../span-words.ts';
import { line } from '../text.ts';
import { intervalOf } from '../timeline.ts';

const MAX_INDENT = 24;

export interface ComparePageProps {
  base: string;
  left: StoredTraceWithSpans;
  right: StoredTraceWithSpans;
  pairs: readonly Pair[];
  complete: boolean;
  prices: Prices;
  currency: string;
}

export function ComparePage(props: ComparePageProps): Html {
  const { base, left, right, pairs, complete } = props;
  const apart = pairs.filter((pair) => !pair.left || !pair.right).length;
  return (
    <Page base={base} title="Compare" at="traces">
      <h1>Compare</h1>
      <Summary {...props} />
      <p class="dim">
        {apart === 0
          ? 'Both took the same path.'
          : `${count(apart)} of ${count(pairs.length)} steps are in one of them only.`}
        {complete ? '' : ' Only the first 1,000 spans of each are compared.'}
      </p>
      <table class="compare">
        <thead>
          <tr>
            <th scope="col">A: {line(left.workflow, 60)}</th>
            <th scope="col" class="number">
              Duration
            </th>
            <th scope="col" class="number">
              Tokens
            </th>
            <th scope="col">B: {line(right.workflow, 60)}</th>
            <th scope="col" class="number">
              Duration
            </th>
            <th scope="col" class="number">
              Tokens
            </th>
          </tr>
        </thead>
        <tbody>
          {pairs.map((pair) => (
            <PairRow {...props} pair={pair} />
          ))}
        </tbody>
      </table>
    </Page>
  );
}

function Summary({ base, left, right, prices, currency }: ComparePageProps): Html {
  const cost = (trace: StoredTraceWithSpans): number | undefined =>
    costOfTrace(trace, prices)?.amount;
  const tokens = (trace: StoredTraceWithSpans): number => trace.inputTokens + trace.outputTokens;
  const took = (trace: StoredTraceWithSpans): number => trace.endedAt - trace.startedAt;
  const keys = [
    ...new Set([...Object.keys(left.metadata), ...Object.keys(right.metadata)]),
  ].toSorted();
  return (
    <table class="summary">
      <thead>
        <tr>
          <td></td>
          <th scope="col">A</th>
          <th scope="col">B</th>
          <th scope="col">B − A</th>
        </tr>
      </thead>
      <tbody>
        <tr>
          <th scope="row">Trace</th>
          {[left, right].map((trace) => (
            <td>
              <a href={paths.trace(base, trace.traceId)}>{line(trace.traceId, 60)}</a>
            </td>
          ))}
          <td></td>
        </tr>
        <tr>
          <th scope="row">Status</th>
          {[left, right].map((trace) => (
            <td>
              <Status status={trace.status} />
            </td>
          ))}
          <td>{left.status === right.status ? '' : 'differs'}</td>
        </tr>
        <tr>
          <th scope="row">Started</th>
          {[left, right].map((trace) => (
            <td>
              <When at={trace.startedAt} />
            </td>
          ))}
          <td></td>
        </tr>
        <Measure name="Duration" a={took(left)} b={took(right)} text={duration} />
        <Measure name="Spans" a={left.spanCount} b={right.spanCount} text={count} />
        <Measure name="Errors" a={left.errorCount} b={right.errorCount} text={count} />
        <Measure name="Tokens" a={tokens(left)} b={tokens(right)} text={count} />
        <Measure
          name="Cost"
          a={cost(left)}
          b={cost(right)}
          text={(amount) => money(amount, currency)}
        />
        {keys.map((key) => (
          <tr>
            <th scope="row">{line(key, 60)}</th>
            <td>{line(left.metadata[key] ?? '–', 130)}</td>
            <td>{line(right.metadata[key] ?? '–', 130)}</td>
            <td>{left.metadata[key] === right.metadata[key] ? '' : 'differs'}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface MeasureProps {
  name: string;
  a: number | undefined;
  b: number | undefined;
  text: (value: number) => string;
}

function Measure({ name, a, b, text }: MeasureProps): Html | null {
  if (a === undefined && b === undefined) return null;
  const change = a === undefined || b === undefined ? undefined : b - a;
  const sign = change === undefined || change === 0 ? '' : change > 0 ? '+' : '−';
  const share =
    change !== undefined && change !== 0 && a
      ? ` (${sign}${Math.round((100 * Math.abs(change)) / a)} %)`
      : '';
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{a === undefined ? '–' : text(a)}</td>
      <td>{b === undefined ? '–' : text(b)}</td>
      <td>
        {change === undefined || change === 0 ? '' : `${sign}${text(Math.abs(change))}${share}`}
      </td>
    </tr>
  );
}

function PairRow(props: ComparePageProps & { pair: Pair }): Html {
  const { pair, left, right } = props;
  const isApart = !pair.left || !pair.right;
  return (
    <>
      <tr class={isApart ? 'is-apart' : ''}>
        <Side {...props} trace={left} side={pair.left} mark="only A" isApart={isApart} />
        <Side {...props} trace={right} side={pair.right} mark="only B" isApart={isApart} />
      </tr>
      <Outputs {...props} />
    </>
  );
}

interface SideProps {
  base: string;
  trace: StoredTraceWithSpans;
  side: AlignedSpan | undefined;
  mark: string;
  isApart: boolean;
}

function Side({ base, trace, side, mark, isApart }: SideProps): Html {
  if (!side) return <td colspan={3} class="nothing"></td>;
  const { span } = side.node;
  const { from, to } = intervalOf(span, trace.startedAt, trace.endedAt);
  const { usage } = span.facts;
  const flag = flagOf(span);
  return (
    <>
      <td class={`name indent-${Math.min(side.level - 1, MAX_INDENT)}`}>
        <span class={`badge is-${familyOf(span)}`}>{badgeOf(span)}</span>{' '}
        <a href={paths.trace(base, trace.traceId, `?span=${encodeURIComponent(span.id)}`)}>
          <bdi>{line(labelOf(span), 80)}</bdi>
        </a>
        {flag === undefined ? null : <span class="flag">{line(flag, 40)}</span>}
        {isApart ? <span class="chip">{mark}</span> : null}
      </td>
      <td class="number">{span.ended_at === null ? 'open' : duration(to - from)}</td>
      <td class="number">
        {usage ? `${count(usage.input_tokens ?? 0)} → ${count(usage.output_tokens ?? 0)}` : ''}
      </td>
    </>
  );
}

/** What a step of both gave, where that differs. */
function Outputs({ base, left, right, pair }: ComparePageProps & { pair: Pair }): Html | null {
  if (!pair.left || !pair.right) return null;
  const sides = [
    { trace: left, span: pair.left.node.span },
    { trace: right, span: pair.right.node.span },
  ].map(({ trace, span }) => ({
    trace,
    span,
    output: sectionsOf(span).find(({ path }) => path[1] === 'output'),
  }));
  const [a, b] = sides.map(({ output }) => JSON.stringify(output?.value));
  if (a === b) return null;
  return (
    <tr class="outputs">
      {sides.map(({ trace, span, output }) => (
        <td colspan={3}>
          <details>
            <summary>Output differs</summary>
            {output ? (
              <Value
                value={output.value}
                place={{ base, traceId: trace.traceId, spanId: span.id, path: output.path }}
              />
            ) : (
              <p class="none">none</p>
            )}
          </details>
        </td>
      ))}
    </tr>
  );
}
