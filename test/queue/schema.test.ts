import { describe, expect, it } from 'vitest';
import { SluiceError } from '../../src/model/errors.ts';
import { readEnvelope, UnknownVersionError } from '../../src/queue/schema.ts';
import { makeChunk, makeSpan } from '../store/make.ts';

const valid = (): { v: unknown; chunks: ReturnType<typeof makeChunk>[] } => ({
  v: 1,
  chunks: [
    makeChunk({ refused: { group_id: 1 } }, [
      makeSpan('a', { error: { message: 'm', data: { x: 1 } }, extra: { input: [] } }),
    ]),
  ],
});

/** A valid envelope whose first chunk has another value at a path; none where it is undefined. */
function changed(path: string, value: unknown): unknown {
  const body = valid();
  const keys = ['chunks', '0', ...path.split('.')];
  const last = keys.pop() ?? '';
  const holder = keys.reduce<object>((at, key) => Reflect.get(at, key) as object, body);
  if (value === undefined) Reflect.deleteProperty(holder, last);
  else Reflect.set(holder, last, value);
  return body;
}

function refusal(body: unknown): SluiceError {
  try {
    readEnvelope(body);
  } catch (error) {
    if (error instanceof SluiceError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('reading an envelope', () => {
  it('gives the chunks of a valid one', () => {
    expect(readEnvelope(valid())).toEqual(valid().chunks);
    expect(readEnvelope({ v: 1, chunks: [] })).toEqual([]);
  });

  it('keeps what a newer producer added', () => {
    const body = valid();
    Object.assign(body.chunks[0]?.trace ?? {}, { tenant: 'new' });
    Object.assign(body.chunks[0]?.spans[0]?.facts ?? {}, { latency_ms: 7 });
    expect(readEnvelope(body)[0]).toMatchObject({
      trace: { tenant: 'new' },
      spans: [{ facts: { latency_ms: 7 } }],
    });
  });

  it('refuses an envelope of another version and says what to deploy', () => {
    const error = refusal({ ...valid(), v: 2 });
    expect(error).toBeInstanceOf(UnknownVersionError);
    expect(error.message).toMatch(/version 1, not 2.*deploy the consumer/);
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'hello'],
    ['a number', 7],
    ['a list', []],
    ['bytes', new Uint8Array(4)],
    ['a map', new Map([['v', 1]])],
    ['a BigInt', 1n],
    ['no chunks', { v: 1 }],
    ['no version', { chunks: [] }],
    ['a version that is no number', { v: '1', chunks: [] }],
    ['chunks that are no list', { v: 1, chunks: {} }],
    ['an empty chunk id', changed('chunk_id', '')],
    ['an unknown status', changed('trace.status', 'fine')],
    ['a time that is no whole number', changed('trace.started_at', 1.5)],
    ['a negative time', changed('trace.ended_at', -1)],
    ['metadata that is not flat', changed('trace.metadata', { a: { b: 'c' } })],
    ['a null trace', changed('trace', null)],
    ['a null span', changed('spans', [null])],
    ['a span without facts', changed('spans.0.facts', undefined)],
    ['a span without a kind', changed('spans.0.facts', {})],
    ['usage that is no number', changed('spans.0.facts.usage', { input_tokens: '7' })],
    ['an error without a message', changed('spans.0.error', {})],
    ['span data without a type', changed('spans.0.span_data', {})],
  ])('refuses %s', (_, body) => {
    expect(refusal(body).code).toBe('invalid_envelope');
  });

  it.each([[{ hello: 'private' }], ['private'], [null], [7], [[]]])(
    'says of %o, which is no envelope, what is missing and who was to send it',
    (body) => {
      const { message } = refusal(body);
      expect(message).toContain('the field `v` (envelope version) is missing');
      expect(message).toContain('sent by queueExporter()?');
      expect(message).not.toContain('private');
    },
  );

  it('refuses a body nested so deep that SQLite could not read it', () => {
    const deep: unknown = JSON.parse('['.repeat(2_000) + ']'.repeat(2_000));
    expect(refusal(changed('spans.0.extra', { deep })).code).toBe('invalid_envelope');
  });

  it('refuses bodies that refer to themselves, once or a thousandfold', () => {
    const circle: Record<string, unknown> = { ...valid() };
    circle['self'] = circle;
    expect(refusal(circle).code).toBe('invalid_envelope');
    let bomb: unknown = 'x';
    for (let n = 0; n < 100; n += 1) bomb = [bomb, bomb];
    expect(refusal(changed('spans.0.extra', { bomb })).code).toBe('invalid_envelope');
  });

  it('says where an envelope is wrong and nothing of what stood there', () => {
    const body = changed('trace.metadata', { 'private key': { nested: 'private value' } });
    const { message } = refusal(body);
    expect(message).toContain('chunks.0.trace.metadata.*');
    expect(message).not.toContain('private');
  });
});
