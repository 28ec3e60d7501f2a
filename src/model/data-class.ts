/**
 * What kind of data a field holds; a policy decides by it.
 *
 * - `model`: what models were given and answered, and their settings
 * - `tool`: what tools were called with and returned
 * - `handoff`, `guardrail`: what these spans say beside names and verdicts
 * - `custom`: data of the application's own spans, and fields of `trace.log()`
 * - `audio`: speech, recordings and their transcripts
 * - `instructions`: system prompts and tool definitions
 * - `other`: spans of kinds that this version does not know, and what agents, tasks and turns say beside names
 * - `errors`: messages and data of errors; kind and class of an error are facts and stay
 * - `metadata`: the trace's declared metadata
 * - `names`: of agents, tools, models, guardrails and custom spans, which have passed the shape check
 */
export type DataClass =
  | 'model'
  | 'tool'
  | 'handoff'
  | 'guardrail'
  | 'custom'
  | 'audio'
  | 'instructions'
  | 'other'
  | 'errors'
  | 'metadata'
  | 'names';
