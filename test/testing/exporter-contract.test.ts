import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { consoleExporter } from '../../src/destinations/console.ts';
import { openaiExporter } from '../../src/destinations/openai.ts';
import { PartialExportError } from '../../src/model/errors.ts';
import type { TraceExporter } from '../../src/model/exporter.ts';
import { queueExporter } from '../../src/queue/exporter.ts';
import { readEnvelope } from '../../src/queue/schema.ts';
import { d1Exporter } from '../../src/store/d1.ts';
import { exporterContract } from '../../src/testing/exporter-contract.ts';
import type {
  ExporterContractOptions,
  ExporterSubject,
} from '../../src/testing/exporter-contract.ts';
import { failing } from '../../src/testing/faults.ts';
import { API_KEY } from '../destinations/start.ts';
import { recordingQueue } from '../queue/fake-broker.ts';
import { migrated } from '../store/make.ts';
import { openSink } from '../support/sink.ts';
import type { Fault } from '../support/script.ts';

function conforms<S extends ExporterSubject>(options: ExporterContractOptions<S>): void {
  for (const { name, run } of exporterContract(options)) {
    it(name, async () => expect(await run()).toBeUndefined());
  }
}

beforeAll(migrated);

/** What a destination behind a function does, until it is told otherwise. */
type Mode = 'up' | 'down' | 'partly' | 'hangs';

async function answer(mode: Mode, call: number): Promise<void> {
  if (mode === 'hangs') return new Promise(() => undefined);
  if (mode === 'down' || (mode === 'partly' && call > 0)) throw new Error('it is down');
}

function switched<S extends ExporterSubject & { mode: Mode }>(
  make: () => S | Promise<S>,
): ExporterContractOptions<S> {
  const set = (mode: Mode) => (subject: S) => (subject.mode = mode);
  return { make, fail: set('down'), failPartly: set('partly'), hang: set('hangs') };
}

describe('the queue exporter', () => {
  conforms(
    switched(() => {
      const taken = new Set<number>();
      const { queue, calls } = recordingQueue(async (call) => {
        await answer(subject.mode, call);
        taken.add(call);
      });
      const subject = {
        mode: 'up' as Mode,
        exporter: queueExporter(queue),
        arrived: () =>
          calls
            .filter((_, call) => taken.has(call))
            .flat()
            // As the broker hands it on.
            .flatMap(({ body }) => readEnvelope(JSON.parse(JSON.stringify(body))))
            .flatMap(({ spans }) => spans.map(({ id }) => id)),
      };
      return subject;
    }),
  );
});

describe('the D1 exporter', () => {
  conforms(
    switched(async () => {
      const db = env.TRACES_DB;
      await db.batch([db.prepare('DELETE FROM chunks'), db.prepare('DELETE FROM traces')]);
      let calls = 0;
      const subject = {
        mode: 'up' as Mode,
        exporter: d1Exporter({
          prepare: (sql: string) => db.prepare(sql),
          batch: async (statements: D1PreparedStatement[]) => {
            await answer(subject.mode, calls++);
            return db.batch(statements);
          },
        } as unknown as D1Database),
        async arrived() {
          const { results } = await db
            .prepare('SELECT span_id FROM spans')
            .all<{ span_id: string }>();
          return results.map(({ span_id }) => span_id);
        },
      };
      return subject;
    }),
  );
});

describe('the console exporter', () => {
  conforms({
    make() {
      const lines: string[] = [];
      const subject = {
        down: false,
        exporter: consoleExporter({
          write(line) {
            if (subject.down) throw new Error('no terminal');
            lines.push(line);
          },
        }),
        arrived: () =>
          lines
            .map((line) => JSON.parse(line) as { span_id?: string })
            .flatMap(({ span_id }) => span_id ?? []),
      };
      return subject;
    },
    fail: (subject) => (subject.down = true),
  });
});

const refusals: Fault[] = Array.from({ length: 12 }, () => ({ status: 401 }));

function openaiSubject(fallback?: TraceExporter) {
  const sink = openSink();
  return {
    sink,
    exporter: openaiExporter({ apiKey: API_KEY, endpoint: sink.ingestUrl, fallback }),
    refused: (_n: number): boolean => false,
    async arrived(): Promise<string[]> {
      const bodies = (await sink.requests())
        .filter((_, n) => !this.refused(n))
        .map(({ body }) => JSON.parse(body) as { data: { object: string; id: string }[] });
      const items = bodies.flatMap(({ data }) => data);
      return items.filter(({ object }) => object === 'trace.span').map(({ id }) => id);
    },
  };
}

type OpenAISubject = ReturnType<typeof openaiSubject>;

const openaiFaults = {
  async fail(subject: OpenAISubject) {
    subject.refused = () => true;
    await subject.sink.setFaults(...refusals);
  },
  async failPartly(subject: OpenAISubject) {
    subject.refused = (n) => n > 0;
    await subject.sink.setFaults({ slowMs: 0 }, ...refusals);
  },
  async hang(subject: OpenAISubject) {
    await subject.sink.setFaults({ hang: true });
  },
};

describe('the OpenAI exporter', () => {
  conforms({ make: () => openaiSubject(), ...openaiFaults });
});

describe('the OpenAI exporter with a fallback that fails', () => {
  conforms({ make: () => openaiSubject(failing()), ...openaiFaults });
});

/** An exporter that is right but for what is put in the place of its `export`. */
function broken(
  act: (deliver: TraceExporter['export'], subject: Memory) => TraceExporter['export'],
): ExporterContractOptions<Memory> {
  return switched(() => {
    const subject = memory();
    const deliver = subject.exporter.export;
    return Object.assign(subject, { exporter: { name: 'memory', export: act(deliver, subject) } });
  });
}

interface Memory extends ExporterSubject {
  mode: Mode;
  ids: string[];
}

const PIECE = 100;

function memory(): Memory {
  const ids: string[] = [];
  const subject: Memory = {
    mode: 'up',
    ids,
    arrived: () => ids,
    exporter: {
      name: 'memory',
      async export(batch, { signal }) {
        signal.throwIfAborted();
        const aborted = new Promise<never>((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('aborted')));
        });
        for (let n = 0; n * PIECE < Math.max(1, batch.spans.length); n += 1) {
          try {
            await Promise.race([answer(subject.mode, n), aborted]);
          } catch (error) {
            if (n === 0) throw error;
            throw new PartialExportError('a part', n * PIECE);
          }
          ids.push(...batch.spans.slice(n * PIECE, (n + 1) * PIECE).map(({ id }) => id));
        }
      },
    },
  };
  return subject;
}

describe('an exporter in memory', () => {
  conforms(switched(memory));
});

const without = (error: unknown): void => void error;

/** Faults of exporters, each with a promise that has to find it. */
const faults: [fault: string, promise: string, ExporterContractOptions<Memory>][] = [
  [
    'throws at once',
    'rejects when the destination fails, and counts nothing as arrived',
    broken((deliver, subject) => (batch, context) => {
      if (subject.mode === 'down') throw new Error('down');
      return deliver(batch, context);
    }),
  ],
  [
    'returns no promise',
    'delivers every span of a batch',
    broken((deliver) => (batch, context) => void deliver(batch, context) as never),
  ],
  [
    'swallows the failure',
    'rejects when the destination fails, and counts nothing as arrived',
    broken((deliver) => (batch, context) => deliver(batch, context).catch(without)),
  ],
  [
    'says of a part that nothing arrived',
    'counts what arrived where only a part did',
    broken(
      (deliver) => (batch, context) =>
        deliver(batch, context).catch((error: Error) => {
          throw new Error(error.message);
        }),
    ),
  ],
  [
    'ignores the signal',
    'ends at the signal while the destination hangs',
    {
      ...broken((deliver) => (batch) => deliver(batch, { signal: new AbortController().signal })),
      withinMs: 50,
    },
  ],
  [
    'delivers after the signal',
    'begins nothing when the signal has aborted already',
    broken((deliver) => async (batch, context) => {
      await deliver(batch, { signal: new AbortController().signal });
      context.signal.throwIfAborted();
    }),
  ],
  [
    'sorts the spans of the batch in place',
    'leaves the batch as it was',
    broken((deliver) => (batch, context) => {
      batch.spans.reverse();
      return deliver(batch, context);
    }),
  ],
  [
    'marks the batch when it fails',
    'leaves the batch as it was when the destination fails',
    broken(
      (deliver) => (batch, context) =>
        deliver(batch, context).catch((error: unknown) => {
          batch.traces.length = 0;
          throw error;
        }),
    ),
  ],
  [
    'keeps only the last of concurrent exports',
    'keeps concurrent exports apart',
    broken((deliver) => {
      let latest = 0;
      return async (batch, context) => {
        const own = ++latest;
        await Promise.resolve();
        if (own === latest) await deliver(batch, context);
      };
    }),
  ],
  [
    'gives spans new ids each time',
    'may be given the same batch twice',
    broken((deliver) => {
      let times = 0;
      return (batch, context) => {
        times += 1;
        const spans = batch.spans.map((span) => ({
          ...span,
          id: times > 1 ? span.id + times : span.id,
        }));
        return deliver({ ...batch, spans }, context);
      };
    }),
  ],
  [
    'sends the first piece only',
    'delivers a batch that is larger than one piece',
    broken(
      (deliver) => (batch, context) =>
        deliver({ ...batch, spans: batch.spans.slice(0, 100) }, context),
    ),
  ],
  [
    'stumbles over an empty batch',
    'takes an empty batch',
    broken((deliver) => async (batch, context) => {
      if (batch.traces[0] === undefined) throw new TypeError('no trace');
      return deliver(batch, context);
    }),
  ],
  [
    'loses all for one NUL',
    'takes control characters and NUL, and the spans beside it',
    broken((deliver) => async (batch, context) => {
      if (JSON.stringify(batch).includes('\\u0000')) throw new Error('invalid text');
      return deliver(batch, context);
    }),
  ],
  [
    'never answers',
    'delivers every span of a batch',
    { ...broken(() => () => new Promise(() => undefined)), timeoutMs: 50 },
  ],
  [
    'has no name',
    'has a name for the report',
    {
      ...switched(memory),
      make: () => Object.assign(memory(), { exporter: { ...memory().exporter, name: '' } }),
    },
  ],
];

describe('the contract', () => {
  it.each(faults)('finds an exporter that %s: it %s', async (_fault, promise, options) => {
    const contract = exporterContract(options);
    expect(contract.map(({ name }) => name)).toContain(promise);
    const found = contract.find(({ name }) => name === promise);
    await expect(found?.run()).rejects.toMatchObject({ name: 'ContractError' });
  });

  it('names what did not arrive', async () => {
    const options = broken(
      (deliver) => (batch, context) => deliver({ ...batch, spans: batch.spans.slice(1) }, context),
    );
    const [promise] = exporterContract(options).filter(({ name }) =>
      name.startsWith('delivers every'),
    );
    await expect(promise?.run()).rejects.toThrow(
      'every span has to arrive once\n  missing: 1 of 3, such as span_a_1',
    );
  });

  it('leaves out what a destination cannot do', () => {
    const { hang: _hang, failPartly: _partly, ...rest } = switched(memory);
    const names = exporterContract(rest).map(({ name }) => name);
    expect(exporterContract(switched(memory)).length - names.length).toBe(2);
    expect(names.join()).not.toMatch(/hangs|only a part/);
  });
});
