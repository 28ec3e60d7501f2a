import { expect } from 'vitest';
import { openaiExporter } from '../../src/destinations/openai.ts';
import type { OpenAIExporterOptions } from '../../src/destinations/openai.ts';
import { SluiceError } from '../../src/model/errors.ts';
import type { ExportContext } from '../../src/model/exporter.ts';
import type { TraceBatch } from '../../src/model/records.ts';
import { openSink } from '../support/sink.ts';
import { batchOf, spanRecord } from './records.ts';

export const API_KEY = 'not-a-real-key';

/** An exporter that posts to a sink of its own. */
export function start(options: Partial<OpenAIExporterOptions> = {}) {
  const sink = openSink();
  const exporter = openaiExporter({ apiKey: API_KEY, endpoint: sink.ingestUrl, ...options });
  const send = (
    batch: TraceBatch = batchOf([spanRecord()]),
    signal = AbortSignal.timeout(10_000),
    context: Omit<ExportContext, 'signal'> = {},
  ) => exporter.export(batch, { signal, ...context });
  return { sink, exporter, send };
}

/** The rejection, or a failed test. */
export async function rejection(work: Promise<void>): Promise<SluiceError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(SluiceError);
  return error as SluiceError;
}
