import type { Chunk } from '../../src/model/envelope.ts';
import { makeChunk, makeSpan, nativeId, NOON } from '../store/make.ts';

/** A message with one span of a trace of its own. */
export function message(n: number): { v: 1; chunks: Chunk[] } {
  const id = nativeId(NOON + n);
  return {
    v: 1,
    chunks: [
      makeChunk({ id, started_at: NOON + n, flush_id: `f${n}` }, [
        makeSpan(String(n), { trace_id: id }),
      ]),
    ],
  };
}
