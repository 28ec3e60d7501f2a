/** One trace: what it shows, its spans beside their times, and all of the selected one. */
import type { Finding } from '../../diagnose/finding.ts';
import type { SpanRecord } from '../../model/records.ts';
import type { StoredTraceWithSpans } from '../../model/store.ts';
import type { Prices } from '../cost.ts';
import type { Html } from '../html.ts';
import type { Row } from '../outline.ts';
import { Page } from '../parts/layout.tsx';
import { Panel } from '../parts/panel.tsx';
import { Waterfall } from '../parts/waterfall.tsx';
import type { View } from '../reduce.ts';
import { line } from '../text.ts';
import type { Timeline } from '../timeline.ts';
import { Findings } from './trace/findings.tsx';
import { Head } from './trace/head.tsx';
import { Keys } from './trace/keys.tsx';
import { Tools } from './trace/tools.tsx';

interface TracePageProps {
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
  const { base, trace, findings, view } = props;
  const { traceId, workflow } = trace;
  return (
    <Page base={base} title={`${line(workflow, 60)} · ${line(traceId, 60)}`} at="traces">
      <Head {...props} />
      <Findings base={base} traceId={traceId} view={view} findings={findings} />
      <div class="split">
        <Spans {...props} />
        <div class="panel-side" id="panel" aria-live="polite">
          <Selected {...props} />
        </div>
      </div>
    </Page>
  );
}

function Spans(props: TracePageProps): Html {
  const { trace, findings, rows } = props;
  const evidence = new Set(findings.flatMap((finding) => finding.evidence));
  return (
    <section class="tree-side" aria-label="Spans">
      <Tools {...props} traceId={trace.traceId} />
      {rows.length === 0 ? (
        <p class="empty">
          {trace.spans.length === 0
            ? 'Nothing of this trace’s spans is stored (yet).'
            : 'No span matches.'}
        </p>
      ) : (
        <>
          <Waterfall
            {...props}
            traceId={trace.traceId}
            alias={trace.metadata['model_alias']}
            evidence={evidence}
          />
          <Keys />
        </>
      )}
    </section>
  );
}

function Selected(props: TracePageProps): Html {
  const { trace, findings, view, selected } = props;
  if (!selected) {
    return (
      <p class="empty">
        {view.selected === undefined
          ? 'Choose a span to see all of it.'
          : 'There is no such span in this trace.'}
      </p>
    );
  }
  return (
    <Panel
      {...props}
      traceId={trace.traceId}
      span={selected}
      findings={findings.filter(({ evidence }) => evidence.includes(selected.id))}
      alias={trace.metadata['model_alias']}
    />
  );
}
