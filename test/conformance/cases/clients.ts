/** Clients that leave, over real sockets. */
import type { Case } from '../case.ts';
import { once } from '../case.ts';

const viaSink = { handler: 'middleware', destination: 'sink' } as const;
const viaQueue = { handler: 'middleware', destination: 'queue' } as const;

export const clientCases: Case[] = [
  {
    ...viaSink,
    name: 'the client leaves before JSON is answered',
    plot: 'late answer',
    leaves: 'before an answer',
  },
  {
    ...viaQueue,
    name: 'the client leaves a run that hangs',
    plot: 'model hangs',
    deadline: 'short',
    leaves: 'before an answer',
    status: 'truncated',
  },
  {
    ...viaQueue,
    name: 'the client leaves a tool that hangs',
    plot: 'hanging tool',
    deadline: 'short',
    leaves: 'before an answer',
    status: 'truncated',
  },
  {
    ...viaSink,
    name: 'the client leaves events half-way',
    plot: 'slow answer',
    how: 'sse',
    leaves: 'in the answer',
  },
  {
    ...viaQueue,
    name: 'the client leaves events of a model that hangs',
    plot: 'model falls silent',
    deadline: 'short',
    how: 'sse',
    leaves: 'in the answer',
    status: 'truncated',
  },
  {
    ...viaSink,
    name: "the client leaves the run's text stream",
    plot: 'slow answer',
    how: 'text',
    leaves: 'in the answer',
    anyState: true,
  },
  {
    ...viaSink,
    name: 'the client leaves a run inside pull()',
    plot: 'slow answer',
    how: 'pull',
    leaves: 'in the answer',
    anyState: true,
  },
  {
    ...viaSink,
    name: 'the client leaves events during the flush',
    plot: 'tool',
    how: 'sse',
    leaves: 'during the flush',
    weather: { a: once({ slowMs: 300 }) },
  },
  {
    ...viaSink,
    name: 'the client leaves during the flush, then 20 others',
    plot: 'slow answer',
    how: 'sse',
    leaves: 'during the flush',
    weather: { a: once({ slowMs: 400 }) },
    crowd: { when: 'after', size: 20, plot: 'tool' },
  },
  {
    ...viaSink,
    name: 'the client leaves half-way, then 20 others',
    plot: 'slow answer',
    how: 'sse',
    leaves: 'in the answer',
    weather: { a: once({ slowMs: 400 }) },
    crowd: { when: 'after', size: 20, plot: 'tool' },
  },
  {
    handler: 'middleware',
    destination: 'steps',
    name: 'the client leaves during a step, then 20 others',
    plot: 'many turns',
    how: 'sse',
    leaves: 'during the flush',
    weather: { a: once({ slowMs: 400 }) },
    crowd: { when: 'after', size: 20, plot: 'tool' },
  },
  {
    ...viaSink,
    name: '50 overlapping requests',
    plot: 'late answer',
    crowd: { when: 'beside', size: 49 },
  },
  {
    ...viaSink,
    name: '30 overlapping streams',
    plot: 'slow answer',
    how: 'sse',
    crowd: { when: 'beside', size: 29 },
  },
];
