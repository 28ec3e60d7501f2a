import { describe, expect, it } from 'vitest';
import { readSnapshot } from '../../src/capture/read.ts';
import type { ContentField, ReadSpan, Snapshot } from '../../src/model/captured.ts';
import type { SpanRecord } from '../../src/model/records.ts';
import { Judge } from '../../src/policy/apply.ts';
import type { Fingerprint } from '../../src/policy/fingerprint.ts';
import { full, metadataOnly } from '../../src/policy/policy.ts';
import type { Policy } from '../../src/policy/policy.ts';

const constant: Fingerprint = async () => 'f'.repeat(16);

const SNAPSHOT: Snapshot = {
  id: 'span_1',
  traceId: 'trace_1',
  parentId: null,
  startedAt: null,
  endedAt: null,
  json: '{}',
  bytes: 2,
  started: 0,
  ended: 1,
  truncated: false,
};

const field = (fields: Partial<ContentField>): ContentField => ({
  class: 'custom',
  place: 'span_data',
  key: 'input',
  label: 'input',
  value: 'text',
  ...fields,
});

const span = (content: ContentField[], identity: Partial<ReadSpan['identity']> = {}): ReadSpan => ({
  identity: {
    span_data: { type: 'custom', name: 'x' },
    error: null,
    facts: { kind: 'custom' },
    ...identity,
  },
  content,
});

const apply = (
  policy: Policy,
  read: ReadSpan,
  fingerprint: Fingerprint = constant,
): Promise<SpanRecord> =>
  new Judge(policy.matrixFor([]), fingerprint, () => {}).span(SNAPSHOT, read);

const DROPPED = { $dropped: 'string', bytes: 6, fingerprint: 'f'.repeat(16) };

describe('a dropped field', () => {
  it('leaves its shape, bytes and fingerprint where it was', async () => {
    const { span_data } = await apply(metadataOnly, span([field({})]));
    expect(span_data).toEqual({ type: 'custom', name: 'x', input: DROPPED });
  });

  it('stands under its label and beside what is identity', async () => {
    const record = await apply(
      metadataOnly,
      span([
        field({ key: 'a secret', label: 'unknown_field' }),
        field({ key: 'name', label: 'name' }),
      ]),
    );
    expect(record.span_data).toEqual({ type: 'custom', name: 'x', unknown_field: DROPPED });
    expect(record.extra).toEqual({ name: DROPPED });
  });

  it('of an error message is a text', async () => {
    const message = field({ class: 'errors', place: 'error', key: 'message', label: 'message' });
    const record = await apply(metadataOnly, span([message], { error: { message: '' } }));
    expect(record.error).toEqual({ message: `[dropped string, 6 bytes, ${'f'.repeat(16)}]` });
  });

  it('has no fingerprint where it could not be serialised, whatever the policy', async () => {
    for (const policy of [full, metadataOnly]) {
      const value = { $dropped: 'unserializable', bytes: 0 };
      const { span_data } = await apply(policy, span([field({ value })]));
      expect(span_data['input']).toEqual({ $dropped: 'unserializable', bytes: 0 });
    }
  });
});

describe('a kept field', () => {
  it('that only looks like a stand-in stays in its own place', async () => {
    const value = { $dropped: 'string', bytes: 1 };
    const record = await apply(full, span([field({ key: 'name', label: 'name', value })]));
    expect(record.span_data['name']).toEqual(value);
    expect(record.extra).toBeUndefined();
  });

  it('named `__proto__` is a key like any other', async () => {
    const fields = (['span_data', 'extra', 'span_data.data'] as const).map((place) =>
      field({ place, key: '__proto__', label: 'unknown_field' }),
    );
    const record = await apply(full, span(fields));
    expect(JSON.stringify(record.span_data)).toBe(
      '{"type":"custom","name":"x","__proto__":"text","data":{"__proto__":"text"}}',
    );
    expect(JSON.stringify(record.extra)).toBe('{"__proto__":"text"}');
  });
});

describe('a policy at work', () => {
  it('changes nothing in the captured span, nested data included', async () => {
    const data = { sdk_span_type: 'task', name: '[refused name]' };
    const captured = span([field({ place: 'span_data.data', key: 'name', label: 'name' })], {
      span_data: { type: 'custom', name: 'task', data },
    });
    const before = structuredClone(captured);
    const record = await apply(full, captured);
    expect(record.span_data['data']).toEqual({ sdk_span_type: 'task', name: 'text' });
    expect(captured).toEqual(before);
  });

  it('fails as a whole where a fingerprint cannot be made, so that the record can be dropped', async () => {
    const broken: Fingerprint = async () => {
      throw new Error('no key');
    };
    await expect(apply(metadataOnly, span([field({})]), broken)).rejects.toThrow('no key');
  });

  it('fails where captured JSON is broken', () => {
    expect(() => readSnapshot({ ...SNAPSHOT, json: '{' }, () => true)).toThrow(SyntaxError);
  });
});
