/** What is known of a span under every policy. */
import type { SpanFacts as StoredFacts, SpanRecord } from '../../model/records.ts';
import { costOfSpan } from '../cost.ts';
import type { Prices } from '../cost.ts';
import { bytes, count, duration, iso, money } from '../format.ts';
import type { Html } from '../html.ts';
import { line } from '../text.ts';
import { Facts } from './facts.tsx';

interface SpanFactsProps {
  span: SpanRecord;
  prices: Prices;
  currency: string;
  alias: string | undefined;
}

/** Stored values, not yet fit for a page; one that is undefined is not known. */
type Known = [term: string, value: string | number | boolean | undefined];

export function SpanFacts(props: SpanFactsProps): Html {
  const { span } = props;
  const known: Known[] = [
    ...timesOf(span),
    ...workOf(props),
    ...verdictsOf(span.facts),
    ['Cut', cutText(span)],
    ['Span', span.id],
  ];
  return (
    <Facts
      as="table"
      facts={known.map(([term, value]) => [
        term,
        value === undefined ? undefined : line(String(value), 200),
      ])}
    />
  );
}

function timesOf({ started_at, ended_at }: SpanRecord): Known[] {
  const took = Date.parse(ended_at ?? '') - Date.parse(started_at ?? '');
  return [
    ['Started', started_at === null ? undefined : timeText(started_at)],
    ['Ended', ended_at === null ? 'still open when it was exported' : timeText(ended_at)],
    ['Duration', Number.isFinite(took) ? duration(took) : undefined],
  ];
}

function timeText(time: string): string {
  const ms = Date.parse(time);
  return Number.isNaN(ms) ? 'unknown time' : iso(ms).replace('T', ' ').replace('Z', ' UTC');
}

function workOf({ span, prices, currency, alias }: SpanFactsProps): Known[] {
  const { facts } = span;
  const cost = costOfSpan(span, alias, prices);
  return [
    ['Model', facts.model],
    ['Tokens', tokensText(facts)],
    ['Cost', cost ? money(cost.amount, currency) : undefined],
    ['Finish reason', facts.finish_reason],
    ['Tool calls', facts.tool_calls],
  ];
}

function tokensText({ usage, counts_usage }: StoredFacts): string | undefined {
  if (!usage) return undefined;
  const parts = [
    `${count(usage.input_tokens ?? 0)} in`,
    usage.cached_input_tokens ? `of them ${count(usage.cached_input_tokens)} cached` : '',
    `${count(usage.output_tokens ?? 0)} out`,
    usage.reasoning_tokens ? `of them ${count(usage.reasoning_tokens)} reasoning` : '',
    counts_usage === true ? '' : 'counted in another span',
  ];
  return parts.filter((part) => part !== '').join(', ');
}

function verdictsOf(facts: StoredFacts): Known[] {
  const said = (value: boolean | undefined, yes: string, no: string): string | undefined => {
    if (value === undefined) return undefined;
    return value ? yes : no;
  };
  return [
    ['Arguments', said(facts.arguments_valid, 'valid JSON', 'not valid JSON')],
    ['Refused', facts.refusal === true ? 'yes' : undefined],
    ['Guardrail', said(facts.guardrail_triggered, 'tripped', 'let it pass')],
    ['Turn', facts.turn],
    ['Maximum turns', facts.max_turns],
    ['Outcome code', facts.outcome?.code],
  ];
}

/** Which fields are heads only, and how large they were. */
function cutText({ facts }: SpanRecord): string | undefined {
  const cut = Object.entries(facts.cut ?? {}).map(
    ([field, size]) => `${line(field, 60)}, of ${bytes(size)}`,
  );
  return cut.length > 0 ? cut.join('; ') : undefined;
}
