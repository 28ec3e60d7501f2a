/** Fills and asks the databases from inside, so that what is measured is not the way to them. */
import { d1Store } from '../../src/store/d1.ts';
import { QUESTIONS } from './questions.ts';
import { chunkOf, LONG_SPANS } from './traces.ts';

interface Env {
  SMALL: D1Database;
  LARGE: D1Database;
}

type Size = 'small' | 'large';

const databaseOf = (env: Env, size: Size): D1Database => (size === 'large' ? env.LARGE : env.SMALL);

/** The database, with what each statement has read added up. */
function counting(db: D1Database, read: { rows: number }): D1Database {
  return {
    prepare: (sql: string) => db.prepare(sql),
    async batch<T>(statements: D1PreparedStatement[]) {
      const results = await db.batch<T>(statements);
      for (const { meta } of results) read.rows += meta.rows_read;
      return results;
    },
  } as D1Database;
}

async function fill(env: Env, params: URLSearchParams): Promise<Response> {
  const [from, to, of] = ['from', 'to', 'of'].map((name) => Number(params.get(name))) as [
    number,
    number,
    number,
  ];
  const store = d1Store(databaseOf(env, params.get('size') as Size));
  for (let n = from; n < to; n += 40) {
    const chunks = Array.from({ length: Math.min(40, to - n) }, (_, index) =>
      chunkOf(n + index, of),
    );
    await store.write(chunks);
  }
  if (to === of) {
    const long = chunkOf(of, of, LONG_SPANS);
    const parts = [0, 1, 2, 3].map((part) => ({
      ...long,
      chunk_id: `${long.trace.flush_id}-${part}`,
      spans: long.spans.slice(part * 500, (part + 1) * 500),
    }));
    await store.write(parts);
  }
  return new Response(null, { status: 204 });
}

async function ask(env: Env, params: URLSearchParams): Promise<Response> {
  const question = QUESTIONS[params.get('question') ?? ''];
  if (!question) return new Response(null, { status: 404 });
  const read = { rows: 0 };
  const store = d1Store(counting(databaseOf(env, params.get('size') as Size), read));
  const times = Number(params.get('times'));
  const of = Number(params.get('of'));
  let answer: unknown;
  for (let n = 0; n < times; n += 1) answer = await question.ask(store, of);
  const { traces, searchedBackTo } = Object(answer) as {
    traces?: unknown[];
    searchedBackTo?: number;
  };
  return Response.json({
    rows: read.rows / Math.max(1, times),
    found: traces?.length,
    searchedBackTo,
  });
}

export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === '/fill') return fill(env, searchParams);
    if (pathname === '/ask') return ask(env, searchParams);
    return new Response('ready');
  },
} satisfies ExportedHandler<Env>;
