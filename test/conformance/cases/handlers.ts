/** Everything but Hono that can call an agent. */
import type { Case } from '../case.ts';
import { forEver, once } from '../case.ts';

const plain = { handler: 'fetch', destination: 'sink' } as const;
const q = { destination: 'queue' } as const;
const twice = { how: 'fails-once', runs: 2, traces: 2 } as const;

const fetches: Case[] = [
  { ...plain, name: 'fetch: JSON', plot: 'tool' },
  { ...plain, name: 'fetch: server-sent events', plot: 'tool', how: 'sse' },
  { ...plain, name: "fetch: the run's text stream", plot: 'tool', how: 'text' },
  { ...plain, name: 'fetch: a run inside pull()', plot: 'handoff', how: 'pull' },
  { ...plain, name: 'fetch: a streamed run nobody awaits', plot: 'tool', how: 'unawaited' },
  {
    ...plain,
    name: 'fetch: the client leaves events half-way',
    plot: 'slow answer',
    how: 'sse',
    leaves: 'in the answer',
  },
  {
    ...plain,
    name: 'fetch: the client leaves before an answer',
    plot: 'late answer',
    leaves: 'before an answer',
  },
  {
    ...plain,
    name: 'fetch: sink answers 500 once',
    plot: 'tool',
    weather: { a: once({ status: 500 }) },
  },
  { ...plain, name: 'fetch: HEAD', plot: 'tool', method: 'HEAD' },
];

const events: Case[] = [
  { ...q, handler: 'queue', name: 'queue: a trace a message', plot: 'tool' },
  {
    ...q,
    handler: 'queue',
    name: 'queue: ten messages',
    plot: 'tool',
    crowd: { when: 'beside', size: 9 },
  },
  { ...q, handler: 'queue', name: 'queue: a message that is retried', plot: 'tool', ...twice },
  { ...q, handler: 'queue-batch', name: 'queue: a trace a batch', plot: 'tool error' },
  { ...q, handler: 'queue-batch', name: 'queue: a batch that is retried', plot: 'tool', ...twice },
  {
    ...q,
    handler: 'queue-batch',
    name: 'queue: a streamed run nobody awaits hangs',
    plot: 'model falls silent',
    deadline: 'short',
    how: 'unawaited',
    status: 'truncated',
  },
  { ...q, handler: 'scheduled', name: 'scheduled: a run', plot: 'tool', status: 'ok' },
  {
    ...q,
    handler: 'scheduled',
    name: 'scheduled: a run that fails',
    plot: 'fatal tool',
    status: 'error',
  },
  {
    ...q,
    handler: 'scheduled',
    name: 'scheduled: a streamed run nobody awaits',
    plot: 'late answer',
    how: 'unawaited',
  },
  { ...q, handler: 'email', name: 'email: a run', plot: 'tool', status: 'ok' },
  {
    ...q,
    handler: 'email',
    name: 'email: it throws after the run',
    plot: 'tool',
    how: 'throws-after',
    status: 'error',
  },
];

const objects: Case[] = [
  { ...q, handler: 'object-method', name: 'object: a method', plot: 'tool' },
  {
    ...q,
    handler: 'object-method',
    name: 'object: a method that throws',
    plot: 'tool',
    how: 'throws-after',
    status: 'error',
  },
  {
    ...q,
    handler: 'object-method',
    name: 'object: a streamed run nobody awaits',
    plot: 'late answer',
    how: 'unawaited',
  },
  {
    handler: 'object-method',
    destination: 'sink',
    name: 'object: sink hangs for ever, counted as failed',
    plot: 'tool',
    deadline: 'short',
    weather: { a: forEver({ hang: true }) },
    mayFail: ['a'],
  },
  { ...q, handler: 'object-alarm', name: 'object: an alarm', plot: 'handoff' },
  {
    ...q,
    handler: 'object-alarm',
    name: 'object: an alarm that is retried',
    plot: 'tool',
    ...twice,
  },
  { ...q, handler: 'object-socket', name: 'object: a WebSocket message', plot: 'tool' },
  {
    ...q,
    handler: 'object-socket',
    name: 'object: a WebSocket message, a run that fails',
    plot: 'model fails',
    status: 'error',
  },
  { ...q, handler: 'rpc', name: 'rpc: a call', plot: 'tool' },
  { ...q, handler: 'rpc', name: 'rpc: two runs at once', plot: 'tool', how: 'parallel' },
  {
    handler: 'rpc',
    destination: 'fallback',
    name: 'rpc: fallback queue, the sink is down for 4 s',
    plot: 'tool',
    weather: { a: { always: { status: 503 }, clearsAfterMs: 4_000 } },
  },
  { ...q, handler: 'workflow', name: 'workflow: a step', plot: 'tool' },
  { ...q, handler: 'workflow', name: 'workflow: a step that is retried', plot: 'tool', ...twice },
  { ...q, handler: 'workflow', name: 'workflow: a step with a handoff', plot: 'handoff' },
];

export const handlerCases: Case[] = [...fetches, ...events, ...objects];
