import { describe, expect, it } from 'vitest';
import type { SpanRecord } from '../../src/model/records.ts';
import { SpanCollector } from '../../src/store/spans.ts';
import fc from '../support/property.ts';
import { makeSpan } from './make.ts';

function collect(spans: readonly SpanRecord[]): string[] {
  const collector = new SpanCollector();
  collector.add('flush-0', JSON.stringify(spans));
  return collector.spans().map(({ id }) => id);
}

/** Each span the child of the one after it, all of one moment. */
function chain(length: number): SpanRecord[] {
  return Array.from({ length }, (_, n) =>
    makeSpan(String(n), { parent_id: n + 1 < length ? `span_${n + 1}` : null }),
  );
}

function timeOf(length: number): number {
  const spans = chain(length);
  const began = performance.now();
  collect(spans);
  return performance.now() - began;
}

/** Four times the spans; below some milliseconds what is measured is the machine. */
function growsTooFast(): boolean {
  const [small, large] = [timeOf(5_000), timeOf(20_000)];
  return large >= 40 && large / small >= 8;
}

describe('putting spans in order', () => {
  it('took seconds for a chain of 10,000 spans, as each counted all that it is under', () => {
    // What grows faster does so every time; a busy machine only sometimes.
    expect([0, 1, 2, 3, 4].every(() => growsTooFast())).toBe(false);
  });

  it('puts a chain of one moment in the order of its depth, however deep', () => {
    const ids = collect(chain(20_000));
    expect(ids).toHaveLength(20_000);
    expect(ids[0]).toBe('span_19999');
    expect(ids.at(-1)).toBe('span_0');
  });

  it('puts parents before children for any parents, with circles and missing ones', () => {
    const ids = ['0', '1', '2', '3', '4', '5'];
    const parent = fc.option(fc.constantFrom(...ids, 'gone'));
    const parents = fc.tuple(parent, parent, parent, parent, parent, parent);
    fc.assert(
      fc.property(parents, fc.shuffledSubarray(ids, { minLength: 6 }), (given, order) => {
        const parentOf = new Map(ids.map((id, n) => [id, given[n] ?? null]));
        const spans = order.map((id) => {
          const under = parentOf.get(id) ?? null;
          return makeSpan(id, { parent_id: under === null ? null : `span_${under}` });
        });
        const placed = collect(spans).map((id) => id.slice('span_'.length));
        expect(placed.toSorted()).toEqual(ids);
        for (const id of ids) {
          const above = ancestorsOf(id, parentOf);
          if (above.has(id)) continue;
          for (const other of above) {
            if (other === 'gone') continue;
            expect(placed.indexOf(other)).toBeLessThan(placed.indexOf(id));
          }
        }
      }),
    );
  });
});

/** All that it is under, itself among them where it is in a circle. */
function ancestorsOf(id: string, parentOf: Map<string, string | null>): Set<string> {
  const above = new Set<string>();
  let parent = parentOf.get(id) ?? null;
  while (parent !== null && !above.has(parent)) {
    above.add(parent);
    parent = parentOf.get(parent) ?? null;
  }
  return above;
}
