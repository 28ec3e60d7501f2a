/** All of one span, beside the waterfall. */
import { SPAN_GUIDE } from '../../diagnose/guide.ts';
import type { Finding } from '../../diagnose/finding.ts';
import type { SpanRecord } from '../../model/records.ts';
import { asDropped, sectionsOf } from '../content.ts';
import { costOfSpan } from '../cost.ts';
import type { Prices } from '../cost.ts';
import { bytes, count, duration, iso, money } from '../format.ts';
import type { Html } from '../html.ts';
import { paths } from '../site.ts';
import { badgeOf, familyOf, flagOf, labelOf } from '../span-words.ts';
import { line, visible } from '../text.ts';
import { FindingBadge } from './words.tsx';
import { Value } from './value.tsx';

/** Raw JSON over this size is a file. */
const MAX_RAW_CHARACTERS = 100_000;

export interface PanelProps {
  base: string;
  traceId: string;
  span: SpanRecord;
  findings: readonly Finding[];
  prices: Prices;
  currency: string;
  alias: string | undefined;
}

export function Panel(props: PanelProps): Html {
  const { base, traceId, span, findings } = props;
  const place = { base, traceId, spanId: span.id };
  const flag = flagOf(span);
  return (
    <article class="panel" data-panel={span.id.toWellFormed()} aria-label="Selected span">
      <header>
        <h2>
          <span class={`badge is-${familyOf(span)}`}>{badgeOf(span)}</span>{' '}
          <bdi>{line(labelOf(span), 200)}</bdi>
          {flag === undefined ? null : <span class="flag">{line(flag, 40)}</span>}
        </h2>
      </header>
      {findings.map((finding) => (
        <p class="said">
          <FindingBadge finding={finding} /> {line(finding.title, 400)}
        </p>
      ))}
      <Facts {...props} />
      <ErrorPart {...props} />
      {sectionsOf(span).map(({ title, path, value }) => (
        <section>
          <h3>{line(title, 80)}</h3>
          <Value value={value} place={{ ...place, path }} />
        </section>
      ))}
      <Guide kind={span.facts.kind} />
      <Raw {...props} />
    </article>
  );
}

/** What is known of the span under every policy. */
function Facts(props: PanelProps): Html {
  return (
    <dl class="facts">
      {factsOf(props).map(([term, value]) => (
        <div>
          <dt>{term}</dt>
          <dd>
            <bdi>{value}</bdi>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function factsOf({ span, prices, currency, alias }: PanelProps): [string, string][] {
  const { facts, started_at, ended_at } = span;
  const cost = costOfSpan(span, alias, prices);
  const took =
    started_at !== null && ended_at !== null
      ? Date.parse(ended_at) - Date.parse(started_at)
      : Number.NaN;
  const cut = Object.entries(facts.cut ?? {}).map(
    ([field, size]) => `${line(field, 60)}, of ${bytes(size)}`,
  );
  const known: [string, string | number | boolean | undefined][] = [
    ['Started', started_at === null ? undefined : timeText(started_at)],
    ['Ended', ended_at === null ? 'still open when it was exported' : timeText(ended_at)],
    ['Duration', Number.isFinite(took) ? duration(took) : undefined],
    ['Model', facts.model],
    ['Tokens', tokensText(span)],
    ['Cost', cost ? money(cost.amount, currency) : undefined],
    ['Finish reason', facts.finish_reason],
    ['Tool calls', facts.tool_calls],
    [
      'Arguments',
      facts.arguments_valid === undefined
        ? undefined
        : facts.arguments_valid
          ? 'valid JSON'
          : 'not valid JSON',
    ],
    ['Refused', facts.refusal === true ? 'yes' : undefined],
    [
      'Guardrail',
      facts.guardrail_triggered === undefined
        ? undefined
        : facts.guardrail_triggered
          ? 'tripped'
          : 'let it pass',
    ],
    ['Turn', facts.turn],
    ['Maximum turns', facts.max_turns],
    ['Outcome code', facts.outcome?.code],
    ['Cut', cut.length > 0 ? cut.join('; ') : undefined],
    ['Span', span.id],
  ];
  return known.flatMap(([term, value]): [string, string][] =>
    value === undefined ? [] : [[term, line(String(value), 200)]],
  );
}

function timeText(time: string): string {
  const ms = Date.parse(time);
  return Number.isNaN(ms) ? 'unknown time' : iso(ms).replace('T', ' ').replace('Z', ' UTC');
}

function tokensText({ facts }: SpanRecord): string | undefined {
  const { usage } = facts;
  if (!usage) return undefined;
  const parts = [
    `${count(usage.input_tokens ?? 0)} in`,
    usage.cached_input_tokens ? `of them ${count(usage.cached_input_tokens)} cached` : '',
    `${count(usage.output_tokens ?? 0)} out`,
    usage.reasoning_tokens ? `of them ${count(usage.reasoning_tokens)} reasoning` : '',
    facts.counts_usage === true ? '' : 'counted in another span',
  ];
  return parts.filter((part) => part !== '').join(', ');
}

function ErrorPart({ base, traceId, span }: PanelProps): Html | null {
  const { error, facts } = span;
  if (error === null) return null;
  const dropped = asDropped(error.message);
  const place = { base, traceId, spanId: span.id };
  return (
    <section class="error">
      <h3>
        Error
        {facts.error_kind === undefined
          ? ''
          : `: ${line(facts.error_kind.replaceAll('_', ' '), 40)}`}
        {facts.error_class === undefined ? null : <code> {line(facts.error_class, 60)}</code>}
      </h3>
      {error.message === '' && !dropped ? null : (
        <Value value={error.message} place={{ ...place, path: ['error', 'message'] }} />
      )}
      {error.data === undefined ? null : (
        <Value value={error.data} place={{ ...place, path: ['error', 'data'] }} />
      )}
    </section>
  );
}

/** So that nobody takes a span for a proof that it is not. */
function Guide({ kind }: { kind: string }): Html | null {
  const guide = Object.hasOwn(SPAN_GUIDE, kind) ? SPAN_GUIDE[kind] : undefined;
  if (!guide) return null;
  return (
    <details class="guide">
      <summary>What this kind of span can show, and what it cannot</summary>
      <ul>
        {guide.finds.map((what) => (
          <li>Shows {what}</li>
        ))}
        {guide.cannotProve.map((what) => (
          <li>Cannot prove {what}</li>
        ))}
      </ul>
    </details>
  );
}

function Raw({ base, traceId, span }: PanelProps): Html {
  const json = JSON.stringify(span, null, 2);
  const file = paths.value(base, traceId, span.id, '[]');
  return (
    <details class="raw">
      <summary>Raw JSON</summary>
      {json.length > MAX_RAW_CHARACTERS ? (
        <p>
          {bytes(json.length)}:{' '}
          <a href={file} download>
            download
          </a>
        </p>
      ) : (
        <>
          <p>
            <button type="button" class="quiet" data-copy hidden>
              Copy
            </button>{' '}
            <a href={file} download>
              Download
            </a>
          </p>
          <pre class="text" tabindex={0}>
            {visible(json)}
          </pre>
        </>
      )}
    </details>
  );
}
