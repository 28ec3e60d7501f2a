import { describe, expect, it } from 'vitest';
import { buildTree, walk } from '../../src/model/tree.ts';
import { makeSpan } from '../store/make.ts';
import fc from '../support/property.ts';

const span = (id: string, parent: string | null) => makeSpan(id, { id, parent_id: parent });

const shape = (spans: ReturnType<typeof span>[]): string =>
  [...walk(buildTree(spans))]
    .map((node) => {
      let level = 0;
      for (let at = node.parent; at; at = at.parent) level += 1;
      return '.'.repeat(level) + node.span.id;
    })
    .join(' ');

describe('the tree of a trace', () => {
  it('has children under their parents, in the order of the list', () => {
    expect(shape([span('a', null), span('c', 'a'), span('b', 'a'), span('d', 'b')])).toBe(
      'a .c .b ..d',
    );
  });

  it('shows a span whose parent is not there, is itself, or is below it', () => {
    expect(shape([span('a', 'gone'), span('b', 'b')])).toBe('a b');
    expect(shape([span('a', 'c'), span('b', 'a'), span('c', 'b'), span('d', 'c')])).toBe(
      'a .b ..c ...d',
    );
  });

  it('has every span once, whatever the parents say', () => {
    const id = fc.integer({ min: 0, max: 9 }).map(String);
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(id, fc.option(id)), { selector: ([own]) => own }),
        (pairs) => {
          const spans = pairs.map(([own, parent]) => span(own, parent));
          const walked = [...walk(buildTree(spans))].map((node) => node.span.id);
          expect(walked.toSorted()).toEqual(pairs.map(([own]) => own).toSorted());
        },
      ),
    );
  });

  it('is built of a chain of 50,000 and of 50,000 children without a stack or a square', () => {
    const chain = Array.from({ length: 50_000 }, (_, n) =>
      span(String(n), n === 0 ? null : String(n - 1)),
    );
    const wide = Array.from({ length: 50_000 }, (_, n) => span(String(n), n === 0 ? null : '0'));
    for (const spans of [chain, chain.toReversed(), wide]) {
      expect([...walk(buildTree(spans))]).toHaveLength(50_000);
    }
  });
});
