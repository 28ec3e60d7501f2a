/** The spans of a trace as a tree beside their times. */
import type { Html } from '../html.ts';
import { costOfSpan } from '../cost.ts';
import type { Prices } from '../cost.ts';
import { compact, counted, duration, money } from '../format.ts';
import type { Row, SpanRow } from '../outline.ts';
import { viewSearch } from '../reduce.ts';
import type { View } from '../reduce.ts';
import { paths } from '../site.ts';
import { badgeOf, familyOf, flagOf, labelOf } from '../span-words.ts';
import { line } from '../text.ts';
import { intervalOf, UNITS } from '../timeline.ts';
import type { Timeline } from '../timeline.ts';
import { GapLine, MAX_INDENT, MoreLine } from './waterfall-links.tsx';

const BAR_HEIGHT = 10;

const TICKS = [0, 0.25, 0.5, 0.75, 1];

export interface WaterfallProps {
  base: string;
  traceId: string;
  rows: readonly Row[];
  timeline: Timeline;
  view: View;
  prices: Prices;
  currency: string;
  alias: string | undefined;
  /** Ids of the spans that findings are about. */
  evidence: ReadonlySet<string>;
}

export function Waterfall(props: WaterfallProps): Html {
  const { timeline, view, prices } = props;
  const zoom = view.zoom ?? [0, UNITS];
  return (
    <>
      <table class="waterfall" role="treegrid" aria-label="Spans" data-zoom={zoom.join('-')}>
        <thead>
          <tr>
            <th scope="col" class="name">
              Span
            </th>
            <th scope="col" class="number took">
              Duration
            </th>
            <th scope="col" class="number tokens">
              Tokens
            </th>
            {prices.size > 0 ? (
              <th scope="col" class="number cost">
                Cost
              </th>
            ) : null}
            <th scope="col" class="times">
              <div>
                <Scale timeline={timeline} zoom={zoom} />
              </div>
            </th>
          </tr>
        </thead>
        <tbody>
          <WaterfallRows {...props} />
        </tbody>
      </table>
      <Folded timeline={timeline} />
    </>
  );
}

/** What the axis leaves out, as its times do not say it. */
function Folded({ timeline: { folds } }: { timeline: Timeline }): Html | null {
  if (folds.length === 0) return null;
  const hidden = folds.map(({ from, to }) => duration(to - from)).join(', ');
  return <p class="folded">The axis folds times in which nothing went on: {hidden}.</p>;
}

/** A row's times as the axis has them: a share of the whole, as milliseconds where nothing is folded. */
function Scale({
  timeline,
  zoom: [from, to],
}: {
  timeline: Timeline;
  zoom: [number, number];
}): Html {
  const shown =
    timeline.end -
    timeline.start -
    timeline.folds.reduce((sum, fold) => sum + fold.to - fold.from, 0);
  return (
    <span class="scale">
      <span class="visually-hidden">Time</span>
      {TICKS.map((share) => (
        <span aria-hidden="true" data-tick={share} data-ms={shown}>
          {duration(((from + share * (to - from)) / UNITS) * shown)}
        </span>
      ))}
    </span>
  );
}

export function WaterfallRows(props: WaterfallProps): Html {
  return (
    <>
      {props.rows.map((row) => {
        if ('node' in row) return <SpanLine {...props} row={row} />;
        if ('between' in row) return <GapLine {...props} row={row} />;
        return <MoreLine {...props} row={row} />;
      })}
    </>
  );
}

function SpanLine(props: WaterfallProps & { row: SpanRow }): Html {
  const { base, traceId, view, row, evidence } = props;
  const { node, level, isOpen } = row;
  const { span } = node;
  const flag = flagOf(span);
  const isSelected = view.selected === span.id;
  return (
    <tr
      role="row"
      data-id={span.id.toWellFormed()}
      data-level={level}
      aria-level={level}
      aria-expanded={isOpen === undefined ? undefined : String(isOpen)}
      aria-selected={String(isSelected)}
      class={`${isSelected ? 'is-selected ' : ''}${evidence.has(span.id) ? 'is-evidence' : ''}`}
    >
      <td role="gridcell" class={`name indent-${Math.min(level - 1, MAX_INDENT)}`}>
        <Toggle {...props} />
        <span class={`badge is-${familyOf(span)}`}>{badgeOf(span)}</span>{' '}
        <a href={paths.trace(base, traceId, viewSearch(view, { selected: span.id }))} data-select>
          <bdi>{line(labelOf(span), 120)}</bdi>
        </a>
        {flag === undefined ? null : <span class="flag">{line(flag, 40)}</span>}
        {level - 1 > MAX_INDENT ? <span class="dim"> level {level}</span> : null}
      </td>
      <td role="gridcell" class="number took">
        <Took {...props} />
      </td>
      <Used {...props} />
      <td role="gridcell" class="times">
        <Bar {...props} />
      </td>
    </tr>
  );
}

function Toggle({ base, traceId, view, row }: WaterfallProps & { row: SpanRow }): Html {
  const { span, children } = row.node;
  if (row.isOpen === undefined) return <span class="toggle"></span>;
  // Without the script, a closed span is opened by looking from it.
  return (
    <a
      class="toggle"
      href={paths.trace(base, traceId, viewSearch(view, { from: span.id }))}
      data-toggle
      tabindex={-1}
      aria-hidden="true"
      title={`${counted(children.length, 'span')} below`}
    >
      <svg viewBox="0 0 10 10">
        <path d="M3 1.5 7 5 3 8.5" />
      </svg>
    </a>
  );
}

function Took({ row, timeline }: WaterfallProps & { row: SpanRow }): Html {
  const { span } = row.node;
  if (span.started_at === null) return <span class="none">–</span>;
  const { from, to } = intervalOf(span, timeline.start, timeline.end);
  if (span.ended_at === null)
    return <span class="flag is-open">open, {duration(to - from)} so far</span>;
  return <>{duration(to - from)}</>;
}

/** Tokens and their cost; paler where another span counts them. */
function Used({ row, prices, currency, alias }: WaterfallProps & { row: SpanRow }): Html {
  const { span } = row.node;
  const { usage, counts_usage } = span.facts;
  const cost = costOfSpan(span, alias, prices);
  const shade = counts_usage === true ? '' : ' dim';
  return (
    <>
      <td role="gridcell" class={`number tokens${shade}`}>
        {usage ? `${compact(usage.input_tokens ?? 0)} → ${compact(usage.output_tokens ?? 0)}` : ''}
      </td>
      {prices.size > 0 ? (
        <td role="gridcell" class={`number cost${shade}`}>
          {cost ? money(cost.amount, currency) : ''}
        </td>
      ) : null}
    </>
  );
}

function Bar({ row, timeline, view }: WaterfallProps & { row: SpanRow }): Html {
  const { span } = row.node;
  const { from, to } = intervalOf(span, timeline.start, timeline.end);
  const [x, end] = [timeline.at(from), timeline.at(to)];
  const [zoomFrom, zoomTo] = view.zoom ?? [0, UNITS];
  const width = Math.max(end - x, (zoomTo - zoomFrom) / 400);
  return (
    <svg
      class={`bar is-${familyOf(span)}${flagOf(span) === undefined ? '' : ' is-flagged'}${span.ended_at === null ? ' is-open' : ''}`}
      viewBox={`${zoomFrom} 0 ${zoomTo - zoomFrom} ${BAR_HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`starts after ${duration(from - timeline.start)}, takes ${duration(to - from)}`}
    >
      {timeline.folds.map((fold) => (
        <rect class="fold" x={fold.x.toFixed(1)} y="0" width={fold.width} height={BAR_HEIGHT}>
          <title>{`nothing went on for ${duration(fold.to - fold.from)}`}</title>
        </rect>
      ))}
      <rect class="whole" x={x.toFixed(2)} y="1" width={width.toFixed(2)} height={BAR_HEIGHT - 2} />
    </svg>
  );
}
