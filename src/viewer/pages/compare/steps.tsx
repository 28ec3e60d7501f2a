/** The steps of two traces beside each other, where both took them, and alone where one did. */
import type { SpanRecord } from '../../../model/records.ts';
import type { StoredTraceWithSpans } from '../../../model/store.ts';
import type { AlignedSpan, Pair } from '../../align.ts';
import { sectionsOf } from '../../content.ts';
import type { Section } from '../../content.ts';
import { count, duration } from '../../format.ts';
import type { Html } from '../../html.ts';
import { isFull, pageRoom } from '../../parts/value-room.ts';
import type { Room } from '../../parts/value-room.ts';
import { Value } from '../../parts/value.tsx';
import { paths } from '../../site.ts';
import { badgeOf, familyOf, flagOf, labelOf } from '../../span-words.ts';
import { line } from '../../text.ts';
import { intervalOf } from '../../timeline.ts';

/** Deeper steps are drawn at this depth. */
const MAX_INDENT = 24;

interface StepsProps {
  base: string;
  left: StoredTraceWithSpans;
  right: StoredTraceWithSpans;
  pairs: readonly Pair[];
}

export function Steps(props: StepsProps): Html {
  const { left, right, pairs } = props;
  const room = pageRoom();
  return (
    <table class="compare">
      <thead>
        <tr>
          <SideHead name="A" trace={left} />
          <SideHead name="B" trace={right} />
        </tr>
      </thead>
      <tbody>
        {pairs.map((pair) => (
          <PairRow {...props} pair={pair} room={room} />
        ))}
      </tbody>
    </table>
  );
}

function SideHead({ name, trace }: { name: string; trace: StoredTraceWithSpans }): Html {
  return (
    <>
      <th scope="col">
        {name}: {line(trace.workflow, 60)}
      </th>
      <th scope="col" class="number">
        Duration
      </th>
      <th scope="col" class="number">
        Tokens
      </th>
    </>
  );
}

interface PairProps extends StepsProps {
  pair: Pair;
  /** Of all outputs together. */
  room: Room;
}

function PairRow(props: PairProps): Html {
  const { pair, left, right } = props;
  const isApart = !pair.left || !pair.right;
  return (
    <>
      <tr class={isApart ? 'is-apart' : ''}>
        <Side {...props} trace={left} side={pair.left} isSecond={false} isApart={isApart} />
        <Side {...props} trace={right} side={pair.right} isSecond={true} isApart={isApart} />
      </tr>
      <Outputs {...props} />
    </>
  );
}

interface SideProps {
  base: string;
  trace: StoredTraceWithSpans;
  side: AlignedSpan | undefined;
  /** Whether it is B, which stands at the right. */
  isSecond: boolean;
  isApart: boolean;
}

function Side({ base, trace, side, isSecond, isApart }: SideProps): Html {
  if (!side) return <td colspan={3} class={isSecond ? 'nothing second' : 'nothing'}></td>;
  const { span } = side.node;
  const { from, to } = intervalOf(span, trace.startedAt, trace.endedAt);
  const { usage } = span.facts;
  const flag = flagOf(span);
  return (
    <>
      <td class={`name${isSecond ? ' second' : ''} indent-${Math.min(side.level - 1, MAX_INDENT)}`}>
        <span class={`badge is-${familyOf(span)}`}>{badgeOf(span)}</span>{' '}
        <a href={paths.trace(base, trace.traceId, `?span=${encodeURIComponent(span.id)}`)}>
          <bdi>{line(labelOf(span), 80)}</bdi>
        </a>
        {flag === undefined ? null : <span class="flag">{line(flag, 40)}</span>}
        {isApart ? <span class="chip">only {isSecond ? 'B' : 'A'}</span> : null}
      </td>
      <td class="number">{span.ended_at === null ? 'open' : duration(to - from)}</td>
      <td class="number">
        {usage ? `${count(usage.input_tokens ?? 0)} → ${count(usage.output_tokens ?? 0)}` : ''}
      </td>
    </>
  );
}

/** What a step of both gave, where that differs. */
function Outputs({ base, left, right, pair, room }: PairProps): Html | null {
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
      <td colspan={6}>
        <details>
          <summary>Output differs</summary>
          <div class="both">
            {sides.map(({ trace, span, output }) => (
              <div>
                <Output base={base} trace={trace} span={span} output={output} room={room} />
              </div>
            ))}
          </div>
        </details>
      </td>
    </tr>
  );
}

interface OutputProps {
  base: string;
  trace: StoredTraceWithSpans;
  span: SpanRecord;
  output: Section | undefined;
  room: Room;
}

function Output({ base, trace: { traceId }, span, output, room }: OutputProps): Html {
  if (!output) return <p class="none">none</p>;
  const { value, path } = output;
  if (isFull(room)) {
    return (
      <p class="dim">
        Not shown, as there is much on this page:{' '}
        <a href={paths.trace(base, traceId, `?span=${encodeURIComponent(span.id)}`)}>its span</a>{' '}
        has it.
      </p>
    );
  }
  return <Value value={value} place={{ base, traceId, spanId: span.id, path }} room={room} />;
}
