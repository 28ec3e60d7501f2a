import { afterEach, describe, expect, it } from 'vitest';
import { changeHolding, heldInIsolate, mayHold, newHolding } from '../../src/capture/holding.ts';
import type { Holding } from '../../src/capture/holding.ts';
import { Scope } from '../../src/capture/scope.ts';
import {
  HOLDING_IDLE_MS,
  MAX_ISOLATE_BYTES,
  SMALL_SCOPE_BYTES,
  SMALL_SCOPES_BYTES,
} from '../../src/model/limits.ts';

const NOW = 1_000_000;
const made: Holding[] = [];

function holding(bytes: number, at = NOW): Holding {
  const one = newHolding();
  made.push(one);
  changeHolding(one, bytes, at);
  return one;
}

afterEach(() => {
  for (const one of made.splice(0)) changeHolding(one, -one.bytes, NOW);
  expect(heldInIsolate()).toBe(0);
});

describe('what the requests of an isolate hold', () => {
  it('is one sum, past which none may hold more but those that hold little', () => {
    const large = holding(MAX_ISOLATE_BYTES - 1_000_000);
    const other = holding(600_000);
    expect(mayHold(other, 400_000, NOW)).toBe(true);
    expect(mayHold(other, 400_001, NOW)).toBe(false);
    expect(mayHold(large, 400_001, NOW)).toBe(false);
    const small = newHolding();
    expect(mayHold(small, SMALL_SCOPE_BYTES, NOW)).toBe(true);
    expect(mayHold(small, SMALL_SCOPE_BYTES + 300_000, NOW)).toBe(false);
    const crowd = holding(SMALL_SCOPES_BYTES + 400_000 - 1_000);
    expect(mayHold(small, 1_000, NOW)).toBe(true);
    expect(mayHold(small, 1_001, NOW)).toBe(false);
    changeHolding(crowd, -crowd.bytes, NOW);
    changeHolding(large, -500_000, NOW);
    expect(mayHold(other, 800_000, NOW)).toBe(true);
  });

  it('of a request that was killed is given back when nothing of it has changed for long', () => {
    holding(MAX_ISOLATE_BYTES);
    const live = holding(1_000_000, NOW + HOLDING_IDLE_MS - 1);
    expect(mayHold(live, 1, NOW + HOLDING_IDLE_MS - 1)).toBe(false);
    expect(mayHold(live, 1, NOW + HOLDING_IDLE_MS)).toBe(true);
    expect(heldInIsolate()).toBe(1_000_000);
  });

  it('of a live request that was taken for killed counts again when it changes, and never below nothing', () => {
    const idle = holding(MAX_ISOLATE_BYTES);
    const later = NOW + HOLDING_IDLE_MS;
    expect(mayHold(holding(300_000, later), 1, later)).toBe(true);
    changeHolding(idle, -MAX_ISOLATE_BYTES + 10, later);
    expect(heldInIsolate()).toBe(300_010);
    changeHolding(idle, -10, later);
    expect(heldInIsolate()).toBe(300_000);
  });
});

describe('a scope', () => {
  const scopeOf = (): Scope =>
    new Scope({
      requestId: 'r',
      root: { id: 'trace_1', workflow: 'w', groupId: null, metadata: {}, startedAt: NOW },
      now: () => NOW,
      adopt: () => ({ id: 'x', workflow: 'w', groupId: null, metadata: {}, startedAt: NOW }),
      maxSpans: 1_000,
      maxBytes: 4_000_000,
      stepMs: 5_000,
    });
  const record = (length: number) => ({
    id: 'span_1',
    traceId: 'trace_1',
    parentId: null,
    startedAt: null,
    json: 'x'.repeat(length),
  });

  it('gives back what it held when its flush lets go', () => {
    const scope = scopeOf();
    scope.add(record(500));
    scope.add(record(500));
    expect(heldInIsolate()).toBe(1_000);
    const { hold } = scope.drain();
    expect(heldInIsolate()).toBe(1_000);
    hold(300);
    scope.add(record(50));
    expect(heldInIsolate()).toBe(350);
    hold(0);
    expect(heldInIsolate()).toBe(50);
    scope.drain().hold(0);
  });

  it('drops and counts what the isolate has no room for, and a small one goes on', () => {
    holding(MAX_ISOLATE_BYTES);
    const [large, small] = [scopeOf(), scopeOf()];
    large.add(record(SMALL_SCOPE_BYTES));
    large.add(record(1));
    small.add(record(1_000));
    const drained = [large.drain(), small.drain()];
    expect(drained.map(({ spans, drops }) => [spans.length, drops])).toEqual([
      [1, { buffer_full: 1 }],
      [1, {}],
    ]);
    for (const { hold } of drained) hold(0);
  });
});
