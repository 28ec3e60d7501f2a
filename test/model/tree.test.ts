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

  it('cuts a circle where it closes; what merely hung from one was once made a root', () => {
    expect(shape([span('x', 'a'), span('a', 'b'), span('b', 'a')])).toBe('a .x .b');
    expect(shape([span('y', 'x'), span('x', 'b'), span('a', 'b'), span('b', 'a')])).toBe(
      'a .b ..x ...y',
    );
    const two = [span('x', 'd'), span('b', 'a'), span('a', 'b'), span('d', 'c'), span('c', 'd')];
    expect(shape(two)).toBe('b .a d .x .c');
  });

  it('has a root for what is on a circle or whose parent is not there, and for nothing else', () => {
    const id = fc.integer({ min: 0, max: 9 }).map(String);
    const pairs = fc.uniqueArray(fc.tuple(id, fc.option(id)), { selector: ([own]) => own });
    fc.assert(
      fc.property(pairs, (own) => {
        const parents = new Map(own);
        const isAboveItself = (start: string): boolean => {
          let at = parents.get(start);
          for (let step = 0; step < own.length && at && at !== start; step += 1)
            at = parents.get(at);
          return at === start;
        };
        for (const root of buildTree(own.map(([child, parent]) => span(child, parent)))) {
          const parent = parents.get(root.span.id);
          const isOrphan = !parent || !parents.has(parent);
          expect(isOrphan || isAboveItself(root.span.id)).toBe(true);
        }
      }),
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
    const ring = [...chain.slice(1), span('0', '25000')];
    const wide = Array.from({ length: 50_000 }, (_, n) => span(String(n), n === 0 ? null : '0'));
    for (const spans of [chain, chain.toReversed(), ring, ring.toReversed(), wide]) {
      expect([...walk(buildTree(spans))]).toHaveLength(50_000);
    }
  });
});
