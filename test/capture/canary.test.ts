import { beforeAll, describe, expect, it } from 'vitest';
import { definePolicy } from '../../src/policy/define.ts';
import { full, metadataOnly } from '../../src/policy/policy.ts';
import {
  capture,
  captureSpan,
  judged,
  listen,
  SAMPLES,
  sdkSpan,
  TYPES,
  wireOf,
  wirePart,
} from './spans.ts';

beforeAll(() => listen({}));

/** A span with a canary in every piece of content and of its error, and what the canaries are. */
function planted(type: string): {
  data: object;
  error: object;
  content: string[];
  errors: string[];
} {
  const content: string[] = [];
  const errors: string[] = [];
  const mark =
    (list: string[]) =>
    (field: string): string => {
      const canary = `canary${list.length}in${field.replace('_', '')}of${type.replaceAll('_', '')}`;
      list.push(canary);
      return canary;
    };
  const data = SAMPLES[type]!(mark(content));
  const say = mark(errors);
  const error = {
    message: say('message'),
    data: {
      error: `RangeError: ${say('error')}`,
      tool_name: 'lookup_order',
      nested: { deep: [say('deep')] },
      [`a key ${say('key')}`]: 1,
      text: say('text'),
    },
  };
  return { data, error, content, errors };
}

const found = (canaries: string[], record: unknown): string[] => {
  const json = JSON.stringify(record);
  return canaries.filter((canary) => json.includes(canary));
};

describe.each(TYPES)('a span of type %s', (type) => {
  it('shows no content and no error text under `metadataOnly`, and all of it under `full`', async () => {
    const { data, error, content, errors } = planted(type);
    const all = [...content, ...errors];
    const captured = capture(data, error);
    expect(found(all, await judged(metadataOnly, captured))).toEqual([]);
    expect(found(all, await judged(full, captured))).toEqual(all);
  });

  it('leaves identity, the kind of error and its class under `metadataOnly`', async () => {
    const { data, error } = planted(type);
    const record = await judged(metadataOnly, capture(data, error));
    expect(record.facts).toMatchObject({ kind: type, error_class: 'RangeError' });
    expect(record.error?.data).toMatchObject({ tool_name: 'lookup_order' });
    expect(record.error?.message).toMatch(/^\[dropped string, \d+ bytes, [0-9a-f]{16}\]$/);
  });

  it('has the wire shape of the SDK under `full`, with and without an error', async () => {
    const { data, error } = planted(type);
    for (const span of [sdkSpan(data), sdkSpan(data, error)]) {
      expect(wirePart(await judged(full, captureSpan(span)))).toEqual(wireOf(span));
    }
  });

  it('is the same after a policy as before it', async () => {
    const { data, error } = planted(type);
    const captured = capture(data, error);
    const before = JSON.stringify(captured);
    await judged(metadataOnly, captured);
    const record = await judged(full, captured);
    expect(JSON.stringify(captured)).toBe(before);
    Object.assign(record.span_data, { changed: true });
    Object.assign(record.facts, { changed: true });
    expect(JSON.stringify(captured)).toBe(before);
  });

  const decisions = ['keep', 'drop'] as const;
  it.each(decisions.flatMap((content) => decisions.map((errors) => [content, errors] as const)))(
    'under content: %s, errors: %s shows exactly what is kept',
    async (content, errors) => {
      const planting = planted(type);
      const record = await judged(
        definePolicy({ content, errors }),
        capture(planting.data, planting.error),
      );
      expect(found(planting.content, record)).toEqual(content === 'keep' ? planting.content : []);
      expect(found(planting.errors, record)).toEqual(errors === 'keep' ? planting.errors : []);
    },
  );
});

it('plants a canary in each piece of content that a type has', () => {
  expect(planted('response').content).toHaveLength(4);
  expect(planted('generation').content).toHaveLength(5);
  expect(planted('function').errors).toHaveLength(5);
});
