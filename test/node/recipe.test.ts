import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSupportServer } from '../support/server.ts';
import { connection } from './live/client.ts';
import type { Answer } from './live/client.ts';
import {
  ALL_KINDS,
  flushedAccount,
  ingested,
  marked,
  sinkRequests,
  toolThenText,
} from './live/trace.ts';
import type { Item, Marked } from './live/trace.ts';
import { startLive } from './live/worker.ts';
import type { LiveWorker } from './live/worker.ts';

let support: Awaited<ReturnType<typeof startSupportServer>>;
const workers: LiveWorker[] = [];

beforeAll(async () => {
  support = await startSupportServer();
});

afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
  await support.close();
});

async function start(options: Parameters<typeof startLive>[0] = {}): Promise<LiveWorker> {
  const worker = await startLive({ supportUrl: support.url, ...options });
  workers.push(worker);
  return worker;
}

async function ask(worker: LiveWorker, path: string, { headers }: Marked): Promise<Answer> {
  const client = connection(worker.origin);
  try {
    return await client.ask(path, { headers });
  } finally {
    client.close();
  }
}

/** Every export call that a sink has had, as the records it carried. */
async function exports(token: string): Promise<Item[][]> {
  return (await sinkRequests(support.url, token)).map(ingested);
}

function typesOf(items: readonly Item[] = []): string[] {
  return items
    .map((item) => item.span_data?.data?.sdk_span_type ?? item.span_data?.type ?? 'trace')
    .toSorted();
}

const WHOLE = [...ALL_KINDS, 'trace'].toSorted();

describe('a run that is streamed to the client', () => {
  it('loses every span with the recipe of the SDK documentation: only its trace record is exported', async () => {
    const worker = await start({ environment: 'recipe' });
    const { body } = await ask(worker, '/recipe/text-run', marked());
    expect(body.toString()).toBe('Your order is on its way.');
    await expect.poll(async () => (await exports('recipe')).map(typesOf)).toEqual([['trace']]);
    // What it recorded sits in the isolate, until a request that has nothing to do with it carries it along.
    await ask(worker, '/recipe/run', marked());
    await expect.poll(async () => (await exports('recipe')).length).toBe(2);
    const traceIds = (await exports('recipe'))[1]?.map((item) => item.trace_id ?? item.id);
    expect(new Set(traceIds).size).toBe(2);
  });

  it('loses none with the middleware: the trace and all its spans arrive in one call', async () => {
    const worker = await start();
    const mark = marked();
    const { body } = await ask(worker, '/sink/text-run', mark);
    expect(body.toString()).toBe('Your order is on its way.');
    await flushedAccount(worker.origin, mark.traceId);
    expect((await exports('healthy')).map(typesOf)).toEqual([WHOLE]);
  });
});

describe('fifty overlapping requests of two tenants', () => {
  const crowd = Array.from({ length: 50 }, (_, index) => {
    const tenant = index % 2 === 0 ? 'tenant-even' : 'tenant-odd';
    const [callTool, answer] = toolThenText;
    return {
      tenant,
      mark: marked(
        [
          { ...callTool!, delayMs: 20 },
          { ...answer!, delayMs: (index * 7) % 50 },
        ],
        tenant,
      ),
    };
  });

  it('are exported in fifty calls, each with the records of one request under its own tenant', async () => {
    const worker = await start();
    const before = (await exports('healthy')).length;
    const asked = crowd.map(({ mark }, index) =>
      ask(worker, index % 3 === 0 ? '/sink/streamed-run' : '/sink/run', mark),
    );
    await Promise.all(asked);
    for (const { mark } of crowd) await flushedAccount(worker.origin, mark.traceId);
    const calls = (await exports('healthy')).slice(before);
    expect(calls).toHaveLength(crowd.length);
    const tenants = new Map(crowd.map(({ tenant, mark }) => [mark.traceId, tenant]));
    for (const items of calls) {
      expect(typesOf(items)).toEqual(WHOLE);
      const [trace] = items;
      expect(new Set(items.map((item) => item.trace_id ?? item.id))).toEqual(new Set([trace?.id]));
      expect(trace?.group_id).toBe(tenants.get(trace?.id ?? ''));
    }
  });
});

describe("OpenAI's own ingest", () => {
  /** Every request that leaves the Worker, by its address; the model is let through. */
  async function outboundOf(
    openaiDefault: 'remove' | 'keep',
    dataRetention?: 'zero',
  ): Promise<{ urls: string[]; bodies: string[] }> {
    const urls: string[] = [];
    const bodies: string[] = [];
    const worker = await start({
      openaiDefault,
      ...(dataRetention && { dataRetention }),
      outbound: async (request) => {
        urls.push(request.url);
        if (request.url.startsWith(support.url)) return forward(request);
        bodies.push(await request.text());
        return new Response(null, { status: 204 });
      },
    });
    for (const path of ['/traced/run', '/traced/streamed-run', '/control/run']) {
      const mark = marked();
      await ask(worker, path, mark);
      if (path.startsWith('/traced')) await flushedAccount(worker.origin, mark.traceId);
    }
    return { urls, bodies };
  }

  it('gets not one byte by default, though the SDK has its exporter', async () => {
    const { urls } = await outboundOf('remove');
    expect(urls.length).toBeGreaterThan(0);
    expect(urls.filter((url) => !url.startsWith(support.url))).toEqual([]);
  });

  it("gets not one byte with dataRetention 'zero', whatever openaiDefault says, there or in an earlier instance", async () => {
    const { urls } = await outboundOf('keep', 'zero');
    expect(urls.length).toBeGreaterThan(0);
    expect(urls.filter((url) => !url.startsWith(support.url))).toEqual([]);
  });

  it("gets the raw spans, unredacted, with openaiDefault 'keep'", async () => {
    const { urls, bodies } = await outboundOf('keep');
    expect(urls).toContain('https://api.openai.com/v1/traces/ingest');
    expect(bodies.join()).toContain('A-1');
  });
});

async function forward(request: Request): Promise<Response> {
  const { method, url, headers } = request;
  const body = method === 'GET' ? undefined : await request.arrayBuffer();
  return fetch(url, { method, headers: Object.fromEntries(headers), ...(body && { body }) });
}
