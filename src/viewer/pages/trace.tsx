/** One trace: what it shows, its spans beside their times, and all of the selected one. */
import type { Finding } from '../../diagnose/finding.ts';
import type { SpanRecord } from '../../model/records.ts';
import type { StoredTraceWithSpans } from '../../model/store.ts';
import { costOfTrace } from '../cost.ts';
import type { Prices } from '../cost.ts';
import { count, counted, duration } from '../format.ts';
import type { Html } from '../html.ts';
import type { Row } from '../outline.ts';
import { Page } from '../parts/layout.tsx';
import { Panel } from '../parts/panel.tsx';
import { Waterfall } from '../parts/waterfall.tsx';
import { CostText, FindingBadge, gapsOf, Status, Tokens, When } from '../parts/words.tsx';
import { viewSearch } from '../reduce.ts';
import type { View } from '../reduce.ts';
import { paths } from '../site.ts';
import { line } from '../text.ts';
import type { Timeline } from '../timeline.ts';

const SHOWN_FINDINGS = 6;

export interface TracePageProps {
  base: string;
  trace: StoredTraceWithSpans;
  findings: readonly Finding[];
  rows: readonly Row[];
  timeline: Timeline;
  view: View;
  /** How many spans match, where the view asks for a match. */
  matched: number;
  selected: SpanRecord | undefined;
  prices: Prices;
  currency: string;
}

export function TracePage(props: TracePageProps): Html {
  const { base, trace, findings, view, selected } = props;
  const alias = trace.metadata['model_alias'];
  const evidence = new Set(findings.flatMap((finding) => finding.evidence));
  return (
    <Page
      base={base}
      title={`${line(trace.workflow, 60)} · ${line(trace.traceId, 60)}`}
      at="traces"
    >
      <Head {...props} />
      <Findings {...props} />
      <div class="split">
        <section class="tree-side" aria-label="Spans">
          <Tools {...props} />
          {props.rows.length === 0 ? (
            <p class="empty">
              {trace.spans.length === 0
                ? 'Nothing of this trace’s spans is stored (yet).'
                : 'No span matches.'}
            </p>
          ) : (
            <Waterfall {...props} traceId={trace.traceId} alias={alias} evidence={evidence} />
          )}
        </section>
        <div class="panel-side" id="panel" aria-live="polite">
          {selected ? (
            <Panel
              {...props}
              traceId={trace.traceId}
              span={selected}
              findings={findings.filter((finding) => finding.evidence.includes(selected.id))}
              alias={alias}
            />
          ) : (
            <p class="empty">
              {view.selected === undefined
                ? 'Choose a span to see all of it.'
                : 'There is no such span in this trace.'}
            </p>
          )}
        </div>
      </div>
    </Page>
  );
}

function Head({ base, trace, prices, currency }: TracePageProps): Html {
  const gaps = gapsOf(trace);
  const unreadable = trace.unreadable ?? 0;
  return (
    <header class="trace-head">
      <h1>
        <bdi>{line(trace.workflow, 80)}</bdi> <Status status={trace.status} />
      </h1>
      <dl class="facts">
        <Fact term="Trace">
          <code>{line(trace.traceId, 120)}</code>
        </Fact>
        {trace.groupId === null ? null : (
          <Fact term="Group">
            <a href={paths.group(base, trace.groupId)}>
              <bdi>{line(trace.groupId, 130)}</bdi>
            </a>
          </Fact>
        )}
        {trace.requestId === null ? null : <Fact term="Request">{line(trace.requestId, 130)}</Fact>}
        <Fact term="Started">
          <When at={trace.startedAt} />
        </Fact>
        <Fact term="Duration">{duration(trace.endedAt - trace.startedAt)}</Fact>
        <Fact term="Spans">{count(trace.spanCount)}</Fact>
        {trace.errorCount > 0 ? <Fact term="Errors">{count(trace.errorCount)}</Fact> : null}
        <Fact term="Tokens">
          <Tokens input={trace.inputTokens} output={trace.outputTokens} />
        </Fact>
        {prices.size > 0 ? (
          <Fact term="Cost">
            <CostText cost={costOfTrace(trace, prices)} currency={currency} />
          </Fact>
        ) : null}
        {Object.entries(trace.metadata).map(([key, value]) => (
          <Fact term={line(key, 60)}>{line(value, 130)}</Fact>
        ))}
      </dl>
      {gaps.length + unreadable > 0 ||
      trace.status === 'truncated' ||
      trace.status === 'incomplete' ? (
        <p class="partial">
          This trace is not whole:{' '}
          {[
            ...incomplete(trace),
            ...gaps,
            ...(unreadable > 0 ? [`${counted(unreadable, 'stored piece')} could not be read`] : []),
          ].join('; ')}
          .
        </p>
      ) : null}
    </header>
  );
}

function incomplete({ status }: StoredTraceWithSpans): string[] {
  if (status === 'truncated') return ['work was still open at the deadline, so its end is unknown'];
  return status === 'incomplete' ? ['its last word has not come, so more may follow'] : [];
}

function Fact({ term, children }: { term: string; children?: unknown }): Html {
  return (
    <div>
      <dt>{term}</dt>
      <dd>
        <bdi>{children}</bdi>
      </dd>
    </div>
  );
}

function Findings({ base, trace, findings, view }: TracePageProps): Html | null {
  if (findings.length === 0) return null;
  const item = (finding: Finding): Html => (
    <li>
      <FindingBadge finding={finding} />{' '}
      {finding.spanId === null ? (
        <span>{line(finding.title, 400)}</span>
      ) : (
        <a
          href={paths.trace(
            base,
            trace.traceId,
            viewSearch(
              { ...view, match: undefined, from: undefined },
              { selected: finding.spanId },
            ),
          )}
        >
          {line(finding.title, 400)}
        </a>
      )}
      {finding.recovered ? <span class="dim"> The run got over it.</span> : null}
      <details>
        <summary>What this says</summary>
        <p>{finding.claims}</p>
        <p class="dim">{finding.cannot}</p>
      </details>
    </li>
  );
  const rest = findings.slice(SHOWN_FINDINGS);
  return (
    <section class="findings" aria-label="Findings">
      <h2>{counted(findings.length, 'finding')}</h2>
      <ol>{findings.slice(0, SHOWN_FINDINGS).map(item)}</ol>
      {rest.length === 0 ? null : (
        <details>
          <summary>{counted(rest.length, 'further finding')}</summary>
          <ol>{rest.map(item)}</ol>
        </details>
      )}
    </section>
  );
}

function Tools({ base, trace, view, matched }: TracePageProps): Html {
  const address = (patch: Partial<View>): string =>
    paths.trace(base, trace.traceId, viewSearch(view, patch));
  return (
    <div class="tools">
      <form method="get" action={paths.trace(base, trace.traceId)} role="search">
        <input
          type="search"
          name="match"
          value={view.match?.toWellFormed()}
          placeholder="Only what matches"
          aria-label="Only spans that match"
        />
        {view.from === undefined ? null : (
          <input type="hidden" name="from" value={view.from.toWellFormed()} />
        )}
      </form>
      {view.match === undefined ? null : (
        <>
          <span class="dim">{counted(matched, 'match')}</span>{' '}
          <a href={address({ match: undefined })}>all</a>
        </>
      )}
      {view.from === undefined ? null : <a href={address({ from: undefined })}>Whole trace</a>}
      {view.selected === undefined || view.from === view.selected ? null : (
        <a href={address({ from: view.selected })}>From this span</a>
      )}
      <span class="grow"></span>
      <span class="zoom" data-zoom-tools hidden>
        <button type="button" data-zoom-by="0.5" aria-label="Zoom in" title="Zoom in (+)">
          +
        </button>
        <button type="button" data-zoom-by="2" aria-label="Zoom out" title="Zoom out (−)">
          −
        </button>
        <button type="button" data-zoom-reset title="Whole time (0)">
          Whole time
        </button>
      </span>
      <a href={paths.exportTrace(base, trace.traceId)} download>
        Export NDJSON
      </a>
    </div>
  );
}
