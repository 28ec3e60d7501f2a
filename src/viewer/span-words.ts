import type { SpanRecord } from '../model/records.ts';

/** What a kind is called where there is little room; it tells kinds apart without colour. */
const BADGES: Readonly<Record<string, string>> = {
  agent: 'Agent',
  task: 'Run',
  turn: 'Turn',
  function: 'Tool',
  generation: 'Model',
  response: 'Model',
  handoff: 'Handoff',
  guardrail: 'Guard',
  custom: 'Custom',
  mcp_tools: 'MCP',
  transcription: 'Audio',
  speech: 'Audio',
  speech_group: 'Audio',
  outcome: 'Outcome',
};

/** A family of kinds has one colour. */
const FAMILIES: Readonly<Record<string, string>> = {
  agent: 'agent',
  task: 'run',
  turn: 'run',
  function: 'tool',
  mcp_tools: 'tool',
  generation: 'model',
  response: 'model',
  transcription: 'model',
  speech: 'model',
  speech_group: 'model',
  handoff: 'handoff',
  guardrail: 'guard',
  outcome: 'guard',
};

export function badgeOf({ facts }: SpanRecord): string {
  return Object.hasOwn(BADGES, facts.kind) ? (BADGES[facts.kind] ?? 'Span') : 'Span';
}

export function familyOf({ facts }: SpanRecord): string {
  return Object.hasOwn(FAMILIES, facts.kind) ? (FAMILIES[facts.kind] ?? 'other') : 'other';
}

/** What a span is, by what is known of it under every policy. */
export function labelOf({ facts, span_data }: SpanRecord): string {
  if (facts.kind === 'handoff')
    return `${text(facts.handoff_from) ?? '?'} → ${text(facts.handoff_to) ?? '?'}`;
  if (facts.outcome) return `${facts.outcome.name} ${facts.outcome.passed ? 'passed' : 'failed'}`;
  if (facts.kind === 'turn' && typeof facts.turn === 'number') {
    const agent = text(facts.name);
    return agent === undefined ? `turn ${facts.turn}` : `turn ${facts.turn} · ${agent}`;
  }
  return (
    text(facts.name) ?? text(facts.model) ?? text(facts.kind) ?? text(span_data.type) ?? 'span'
  );
}

/** Why a span is worth a look, in a word or two. */
export function flagOf({ facts, error }: SpanRecord): string | undefined {
  if (facts.guardrail_triggered === true) return 'tripped';
  if (facts.error_kind !== undefined || error !== null)
    return (text(facts.error_kind) ?? 'error').replaceAll('_', ' ');
  if (facts.outcome?.passed === false) return 'failed';
  if (facts.refusal === true) return 'refused';
  if (facts.truncated === true) return 'open';
  return undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
