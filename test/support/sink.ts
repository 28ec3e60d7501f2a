import { inject } from 'vitest';
import type { Fault, RecordedRequest } from './script.ts';

/** A place of one's own on the loopback server that swallows what exporters send. */
export interface Sink {
  /** Any path below it answers; `/v1/traces/ingest` also checks the shape. */
  url: string;
  ingestUrl: string;
  /** What the next requests meet, one fault each, instead of what was set before; then it accepts again. */
  setFaults(...faults: Fault[]): Promise<void>;
  requests(): Promise<RecordedRequest[]>;
}

export function openSink(token: string = crypto.randomUUID()): Sink {
  const url = `${inject('sinkUrl')}/sink/${token}`;
  return {
    url,
    ingestUrl: `${url}/v1/traces/ingest`,
    async setFaults(...faults) {
      const response = await fetch(`${url}/control/faults`, {
        method: 'PUT',
        body: JSON.stringify(faults),
      });
      await response.body?.cancel();
    },
    async requests() {
      return (await fetch(`${url}/control/requests`)).json();
    },
  };
}
