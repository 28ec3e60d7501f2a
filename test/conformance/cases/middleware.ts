/** What happens in the run, and how the handler answers. */
import type { Case } from '../case.ts';

const viaQueue = { handler: 'middleware', destination: 'queue' } as const;
const viaSink = { handler: 'middleware', destination: 'sink' } as const;

/** The run itself, to D1 through the queue. */
const runs: Case[] = [
  { ...viaQueue, name: 'an answer', plot: 'answer', status: 'ok' },
  { ...viaQueue, name: 'a tool call', plot: 'tool', status: 'ok' },
  { ...viaQueue, name: 'two tool calls at once', plot: 'two tools', status: 'ok' },
  { ...viaQueue, name: 'a tool that throws', plot: 'tool error', status: 'ok' },
  { ...viaQueue, name: 'a tool that ends the run', plot: 'fatal tool', status: 'error' },
  { ...viaQueue, name: 'an agent as tool', plot: 'agent as tool', status: 'ok' },
  { ...viaQueue, name: 'a handoff', plot: 'handoff', status: 'ok' },
  { ...viaQueue, name: 'an input guardrail trips', plot: 'input guardrail', status: 'blocked' },
  { ...viaQueue, name: 'an output guardrail trips', plot: 'output guardrail', status: 'blocked' },
  { ...viaQueue, name: 'guardrails that pass', plot: 'guardrails pass', status: 'ok' },
  { ...viaQueue, name: 'max turns exceeded', plot: 'max turns', status: 'error' },
  { ...viaQueue, name: 'the model answers 500', plot: 'model fails', status: 'error' },
  { ...viaQueue, name: 'the model resets', plot: 'model resets', status: 'error' },
  { ...viaQueue, name: 'the model refuses', plot: 'refusal', status: 'error' },
  { ...viaQueue, name: 'Chat Completions', plot: 'chat', status: 'ok' },
  { ...viaQueue, name: "a span of the application's own", plot: 'custom', status: 'ok' },
  { ...viaQueue, name: 'a tool result of 300 KB', plot: 'large tool', status: 'ok' },
  {
    handler: 'middleware',
    destination: 'steps',
    name: 'forty spans, flushed in steps of five',
    plot: 'many turns',
    status: 'ok',
  },
];

/** How the handler answers, to an HTTP sink. */
const answers: Case[] = [
  { ...viaSink, name: 'JSON after the run', plot: 'tool' },
  { ...viaSink, name: 'server-sent events', plot: 'tool', how: 'sse' },
  { ...viaSink, name: 'server-sent events, a run that fails', plot: 'fatal tool', how: 'sse' },
  { ...viaSink, name: "the run's own text stream", plot: 'tool', how: 'text' },
  { ...viaSink, name: "the run's text stream, with a handoff", plot: 'handoff', how: 'text' },
  { ...viaSink, name: 'a run inside pull()', plot: 'tool', how: 'pull' },
  { ...viaSink, name: 'a streamed run nobody awaits', plot: 'tool', how: 'unawaited' },
  { ...viaSink, name: 'a slow streamed run nobody awaits', plot: 'late answer', how: 'unawaited' },
  { ...viaSink, name: 'a run under waitUntil', plot: 'tool', how: 'waitUntil' },
  { ...viaSink, name: 'a slow run under waitUntil', plot: 'late answer', how: 'waitUntil' },
  { ...viaSink, name: 'a run under waitUntil fails', plot: 'fatal tool', how: 'waitUntil' },
  { ...viaSink, name: 'two runs at once', plot: 'tool', how: 'parallel' },
  { ...viaSink, name: 'two runs in turn', plot: 'tool', how: 'sequence' },
  { ...viaSink, name: 'no run: nothing is exported', plot: 'tool', how: 'none' },
  { ...viaSink, name: '204 after the run', plot: 'tool', how: 'empty' },
  { ...viaSink, name: 'HEAD, answered with JSON', plot: 'tool', method: 'HEAD' },
  { ...viaSink, name: 'HEAD, answered with events', plot: 'tool', how: 'sse', method: 'HEAD' },
];

/** How a request ends when it does not end well. */
const ends: Case[] = [
  { ...viaQueue, name: 'the handler throws before the run', plot: 'tool', how: 'throws-before' },
  {
    ...viaQueue,
    name: 'the handler throws after the run',
    plot: 'tool',
    how: 'throws-after',
    status: 'error',
  },
  {
    ...viaQueue,
    name: 'the handler answers 418 by exception',
    plot: 'tool',
    how: 'refuses-after',
    status: 'ok',
  },
  {
    ...viaQueue,
    name: 'the body fails at its source',
    plot: 'tool',
    how: 'breaks',
    status: 'error',
  },
  { ...viaQueue, name: 'the model breaks off mid-stream', plot: 'model breaks off', how: 'sse' },
  {
    ...viaQueue,
    name: 'deadline: a tool that hangs under waitUntil',
    plot: 'hanging tool',
    deadline: 'short',
    how: 'waitUntil',
    status: 'truncated',
  },
  {
    ...viaQueue,
    name: 'deadline: a model that hangs under waitUntil',
    plot: 'model hangs',
    deadline: 'short',
    how: 'waitUntil',
    status: 'truncated',
  },
  {
    ...viaSink,
    name: 'deadline: a streamed run nobody awaits hangs',
    plot: 'model falls silent',
    deadline: 'short',
    how: 'unawaited',
  },
];

export const middlewareCases: Case[] = [...runs, ...answers, ...ends];
