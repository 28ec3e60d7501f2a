/**
 * Reads a snapshot: what of a span is identity and what is content. By now it is
 * plain JSON, so nothing in it can throw or change.
 */
import type { DataClass } from '../model/data-class.ts';
import type { NameCheck, ReadSpan, Snapshot, SnapshotBody } from '../model/captured.ts';
import { ERROR_IDENTITY, SDK_MESSAGES } from '../model/error-text.ts';
import { mayNestDeeper } from '../model/json.ts';
import { MAX_CONTENT_DEPTH } from '../model/limits.ts';
import type { Json } from '../model/records.ts';
import { asStandIn } from '../model/stand-in.ts';
import { Division, isFields, WORD } from './divide.ts';
import type { Fields } from './divide.ts';
import { own, readFacts, textOf } from './facts.ts';

/**
 * The fields that are identity in each kind of span. All that is not listed is
 * content, and so is all of a kind that this version does not know: fail closed.
 */
const IDENTITY: Record<string, string> = {
  agent: 'name handoffs tools output_type',
  task: 'name usage',
  turn: 'turn agent_name usage',
  function: 'name',
  generation: 'model model_config usage',
  response: 'response_id',
  handoff: 'from_agent to_agent',
  guardrail: 'name triggered',
  custom: 'name',
  mcp_tools: 'server result',
  transcription: 'model',
  speech: 'model',
  outcome: 'name passed code',
};

/** What the content of a kind is; `other` where it is not listed. */
const CLASSES: Record<string, DataClass> = {
  function: 'tool',
  mcp_tools: 'tool',
  generation: 'model',
  response: 'model',
  handoff: 'handoff',
  guardrail: 'guardrail',
  custom: 'custom',
  transcription: 'audio',
  speech: 'audio',
  speech_group: 'audio',
};

/** The SDK puts tasks and turns on the wire as `custom`; so do we, and outcomes too, so that its readers can read ours. */
const WRAPPED = ['task', 'turn', 'outcome'];

export function readSnapshot(snapshot: Snapshot, isSafeName: NameCheck): ReadSpan {
  const body = JSON.parse(snapshot.json) as SnapshotBody;
  const data = isFields(body.data) ? body.data : {};
  const { type } = data;
  const kind = typeof type === 'string' && WORD.test(type) && isSafeName(type) ? type : 'unknown';
  const names = own(IDENTITY, kind)?.split(' ') ?? [];
  const mayBeDeep = mayNestDeeper(snapshot.json, MAX_CONTENT_DEPTH);
  const division = new Division(isSafeName, own(CLASSES, kind) ?? 'other', mayBeDeep);
  const wrapped = WRAPPED.includes(kind);
  const identity = division.divide(
    data,
    names,
    wrapped ? 'span_data.data' : 'span_data',
    wrapped ? 'extra' : 'span_data',
  );
  if (typeof type === 'string' && type !== kind) division.add('span_data', 'type', type);
  if (kind === 'response') readResponse(data, division);
  const error = readError(body.error, division);
  const facts = readFacts(kind, data, names, body.error, isSafeName);
  if (snapshot.truncated) facts.truncated = true;
  if (division.cut) facts.cut = division.cut;
  return {
    identity: {
      span_data: wrapped
        ? { type: 'custom', name: kind, data: { sdk_span_type: kind, ...identity } }
        : { type: kind, ...identity },
      error,
      facts,
    },
    content: division.content,
  };
}

/** A response's content, which the SDK keeps from its wire shape. */
function readResponse({ _input, _response }: Fields, division: Division): void {
  const { output, instructions, tools } = isFields(_response) ? _response : {};
  for (const [key, value] of Object.entries({ input: _input, output, instructions, tools })) {
    const of = key === 'instructions' || key === 'tools' ? 'instructions' : undefined;
    if (value !== undefined && value !== null) division.add('extra', key, value, of);
  }
}

function readError(error: Json | undefined, division: Division): ReadSpan['identity']['error'] {
  if (!error) return null;
  const { message = '', data } = hasFields(error) ? error : { message: error };
  const text = textOf(message);
  const isKnown = own(SDK_MESSAGES, text) !== undefined;
  if (!isKnown) division.add('error', 'message', message);
  const known = { message: isKnown ? text : '' };
  if (hasFields(data))
    return { ...known, data: division.divide(data, ERROR_IDENTITY, 'error.data') };
  if (data !== undefined) division.add('error', 'data', data);
  return known;
}

/** What the snapshot put in the place of a value has no fields of the application's. */
function hasFields(value: Json | undefined): value is Fields {
  return isFields(value) && !asStandIn(value);
}
