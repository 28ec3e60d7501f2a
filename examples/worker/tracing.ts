/** What is traced, what may leave, and where it goes. */
import { full, metadataOnly } from 'sluice';
import type { TracingOptions } from 'sluice';
import { queueExporter } from 'sluice/queue';
import type { Env } from './env.ts';

export function tracingOptions(env: Env): TracingOptions<Env> {
  return {
    workflow: 'support_triage',
    policy: env.POLICY === 'full' ? full : metadataOnly,
    metadataKeys: ['channel'],
    metadata: (c) => ({ surface: 'support_api', channel: c.req.header('x-channel') }),
    exporters: ({ TRACES_QUEUE }) => [queueExporter(TRACES_QUEUE)],
    exposeTraceId: 'x-trace-id',
    // A line for the log, by which `npm start` knows what to expect in the database.
    onFlush: (report) => {
      // oxlint-disable-next-line no-console -- a Worker's log is its console
      if (report.captured > 0) console.log(JSON.stringify({ event: 'trace_flush', ...report }));
    },
  };
}
