/** What destinations do to a trace that is fine. */
import type { Case } from '../case.ts';
import { forEver, once } from '../case.ts';

const tool = { handler: 'middleware', plot: 'tool' } as const;
const stream = { ...tool, how: 'sse' } as const;
const down = forEver({ status: 503 });

export const destinationCases: Case[] = [
  { ...tool, name: 'sink: 500 once', destination: 'sink', weather: { a: once({ status: 500 }) } },
  {
    ...stream,
    name: 'sink: 500 once, a stream',
    destination: 'sink',
    weather: { a: once({ status: 500 }) },
  },
  {
    ...tool,
    name: 'sink: 500 twice',
    destination: 'sink',
    weather: { a: once({ status: 500 }, { status: 502 }) },
  },
  {
    ...tool,
    name: 'sink: 429 with Retry-After',
    destination: 'sink',
    weather: { a: once({ status: 429, headers: { 'retry-after': '1' } }) },
  },
  { ...tool, name: 'sink: 408 once', destination: 'sink', weather: { a: once({ status: 408 }) } },
  {
    ...tool,
    name: 'sink: the connection is reset once',
    destination: 'sink',
    weather: { a: once({ reset: true }) },
  },
  { ...tool, name: 'sink: slow', destination: 'sink', weather: { a: once({ slowMs: 600 }) } },
  {
    ...stream,
    name: 'sink: slow, a stream',
    destination: 'sink',
    weather: { a: once({ slowMs: 600 }) },
  },
  {
    ...tool,
    name: 'sink: 503 for ever, each span counted as failed',
    destination: 'sink',
    weather: { a: down },
    mayFail: ['a'],
  },
  {
    ...tool,
    name: 'sink: hangs for ever, each span counted as failed',
    destination: 'sink',
    deadline: 'short',
    weather: { a: forEver({ hang: true }) },
    mayFail: ['a'],
  },
  {
    ...tool,
    name: 'sink: 400 for ever, each span counted as failed',
    destination: 'sink',
    weather: { a: forEver({ status: 400 }) },
    mayFail: ['a'],
  },
  {
    ...tool,
    name: 'sink: resets for ever, each span counted as failed',
    destination: 'sink',
    weather: { a: forEver({ reset: true }) },
    mayFail: ['a'],
  },
  {
    ...tool,
    name: 'one of two sinks answers 503 for ever',
    destination: 'two-sinks',
    weather: { a: down },
    mayFail: ['a'],
  },
  {
    ...tool,
    name: 'one of two sinks hangs for ever',
    destination: 'two-sinks',
    deadline: 'short',
    weather: { a: forEver({ hang: true }) },
    mayFail: ['a'],
  },
  { ...stream, name: 'two healthy sinks, a stream', destination: 'two-sinks' },
  {
    ...tool,
    name: 'the queue is well, the sink is down',
    destination: 'sink-and-queue',
    weather: { a: down },
    mayFail: ['a'],
  },
  {
    ...stream,
    name: 'the queue is well, the sink hangs, a stream',
    destination: 'sink-and-queue',
    deadline: 'short',
    weather: { a: forEver({ hang: true }) },
    mayFail: ['a'],
  },
  {
    ...tool,
    name: 'fallback queue: the sink is down for 4 s',
    destination: 'fallback',
    weather: { a: { ...down, clearsAfterMs: 4_000 } },
  },
  {
    ...stream,
    name: 'fallback queue: the sink resets for 4 s, a stream',
    destination: 'fallback',
    weather: { a: { always: { reset: true }, clearsAfterMs: 4_000 } },
  },
  {
    ...tool,
    name: 'fallback queue: the sink hangs for 4 s',
    destination: 'fallback',
    deadline: 'short',
    weather: { a: { always: { hang: true }, clearsAfterMs: 4_000 } },
  },
  {
    ...tool,
    name: 'fallback queue: 429 whose Retry-After is too far',
    destination: 'fallback',
    weather: { a: once({ status: 429, headers: { 'retry-after': '60' } }) },
  },
  { ...tool, name: 'fallback queue: not needed', destination: 'fallback' },
  { ...tool, name: 'D1 directly', destination: 'd1', status: 'ok' },
  { ...stream, name: 'D1 directly, a stream', destination: 'd1', status: 'ok' },
];
