/** `sluice/queue`: the durable way of a trace, through Cloudflare Queues. */
export { queueExporter } from './exporter.ts';
export type { QueueExporterOptions } from './exporter.ts';
export { traceConsumer } from './consumer.ts';
export type { ConsumerOptions, ConsumerTarget, TraceConsumer } from './consumer.ts';
