/** `sluice/queue`: the durable way of a trace, through Cloudflare Queues. */
export { queueExporter } from './exporter.ts';
export type { QueueExporterOptions } from './exporter.ts';
export { traceConsumer } from './consumer.ts';
export type { ConsumerOptions, ConsumerTarget, TraceConsumer } from './consumer.ts';
export { deadLetterConsumer } from './dead-letters.ts';
export type { DeadLetterOptions, DeadLetterTarget } from './dead-letters.ts';
export { redrive } from './redrive.ts';
export type { RedriveOptions, RedriveReport } from './redrive.ts';
export type { RedriveTarget } from './redrive-page.ts';
