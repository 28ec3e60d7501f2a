/** Small things that several pages show alike. */
import type { Html } from '../html.ts';
import type { Finding } from '../../diagnose/finding.ts';
import type { StoredTrace } from '../../model/store.ts';
import type { Cost } from '../cost.ts';
import { ago, compact, count, dateTime, iso, money } from '../format.ts';
import { line } from '../text.ts';

const STATUS_WORDS: Readonly<Record<string, string>> = {
  ok: 'The runs ended and none of them failed',
  error: 'A run, or the handler, failed',
  blocked: 'A guardrail tripped',
  truncated: 'Work was still open when the deadline came',
  incomplete: 'The last word of this trace has not come (yet)',
};

const STATUS_GLYPHS: Readonly<Record<string, string>> = {
  ok: '✓',
  error: '✕',
  blocked: '⊘',
  truncated: '…',
  incomplete: '◌',
};

export function Status({ status }: { status: string }): Html {
  const known = Object.hasOwn(STATUS_WORDS, status);
  return (
    <span class={`status ${known ? `is-${status}` : ''}`} title={known ? STATUS_WORDS[status] : ''}>
      <span aria-hidden="true">{known ? STATUS_GLYPHS[status] : '?'}</span> {line(status, 20)}
    </span>
  );
}

/** When something was, to the second in UTC; with `now` how long ago, and the time of the day. */
export function When({ at, now }: { at: number; now?: number }): Html {
  return (
    <time datetime={iso(at)} title={`${iso(at)} (UTC)`}>
      {now === undefined ? (
        dateTime(at)
      ) : (
        <>
          {ago(at, now)} <span class="clock">{clock(at, now)}</span>
        </>
      )}
    </time>
  );
}

/** `12:00:03`, or with the day where that is not the day of `now`. */
function clock(at: number, now: number): string {
  const text = dateTime(at);
  return text.slice(0, 10) === dateTime(now).slice(0, 10) ? text.slice(11) : text.slice(5);
}

export function Tokens({ input, output }: { input: number; output: number }): Html {
  if (input + output === 0) return <span class="none">–</span>;
  const title = `${count(input)} input tokens, ${count(output)} output tokens`;
  return (
    <span title={title}>
      {compact(input)} <span class="dim">→</span> {compact(output)}
    </span>
  );
}

export function CostText({ cost, currency }: { cost: Cost | undefined; currency: string }): Html {
  if (!cost) return <span class="none">–</span>;
  const partly = cost.unpriced > 0;
  return (
    <span title={partly ? `${count(cost.unpriced)} tokens have no price` : ''}>
      {partly ? '≥ ' : ''}
      {money(cost.amount, currency)}
    </span>
  );
}

export function FindingBadge({ finding }: { finding: Finding }): Html {
  const quiet = finding.recovered && finding.severity === 'failure';
  return (
    <span class={`finding is-${finding.severity}${quiet ? ' is-recovered' : ''}`}>
      {finding.rule.replaceAll('_', ' ')}
    </span>
  );
}

/** A sentence of ours, in which names of code stand between backticks. */
export function Prose({ text }: { text: string }): Html {
  return (
    <>{text.split('`').map((part, index) => (index % 2 === 1 ? <code>{part}</code> : part))}</>
  );
}

/** What a trace does not have, and why; empty where it is whole. */
export function gapsOf(trace: StoredTrace): string[] {
  const dropped = Object.entries(trace.dropped).filter(([, spans]) => spans > 0);
  return [
    ...(trace.missing > 0 ? [`${count(trace.missing)} captured spans are missing here`] : []),
    ...dropped.map(([reason, spans]) => `${count(spans)} dropped: ${reason.replaceAll('_', ' ')}`),
    ...(trace.sampleWeight > 1 ? [`stands for ${count(trace.sampleWeight)} traces (sampled)`] : []),
  ];
}
