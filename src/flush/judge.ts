import type { Scope } from '../capture/scope.ts';
import type { ReadSpan, Snapshot } from '../model/captured.ts';
import { importHmacKey } from '../model/hmac.ts';
import type { HmacKey } from '../model/hmac.ts';
import type { SpanRecord, TraceRecord } from '../model/records.ts';
import { Judge } from '../policy/apply.ts';
import { fingerprintWith } from '../policy/fingerprint.ts';
import type { Matrix } from '../policy/matrix.ts';
import { nextTurn } from './deadline.ts';

/** A span that has been read, on its way to the policy. */
export interface Read {
  snapshot: Snapshot;
  span: ReadSpan;
}

/** What may leave, for the destinations that share a matrix. */
export interface Judged {
  traces: TraceRecord[];
  spans: SpanRecord[];
}

interface ToJudge {
  matrices: ReadonlySet<Matrix>;
  fingerprintKey: HmacKey;
  spans: readonly Read[];
  traces: readonly TraceRecord[];
}

/**
 * Passes what was read through the policy, once for each matrix. A span that cannot be judged
 * for one destination leaves for none, so that one account holds for all of them.
 *
 * @param failed told of each such span, before the trace records are made
 */
export async function judgeAll(
  scope: Scope,
  { matrices, fingerprintKey, spans, traces }: ToJudge,
  failed: (snapshot: Snapshot) => void,
): Promise<Map<Matrix, Judged>> {
  const judges = await judgesOf(scope, matrices, fingerprintKey);
  const bad = new Set(judges.size < matrices.size ? spans : []);
  const records = new Map<Matrix, Map<Read, SpanRecord>>();
  for (const [matrix, by] of judges) {
    const good = new Map<Read, SpanRecord>();
    await inTurns(spans, async (read) => {
      try {
        good.set(read, await by.span(read.snapshot, read.span));
      } catch {
        bad.add(read);
      }
    });
    records.set(matrix, good);
  }
  for (const { snapshot } of bad) failed(snapshot);
  const toSend = spans.filter((read) => !bad.has(read));
  const judged = [...matrices].map(async (matrix): Promise<[Matrix, Judged]> => {
    const by = judges.get(matrix);
    const own = records.get(matrix);
    return [
      matrix,
      {
        traces: await Promise.all(traces.map((trace) => traceFor(trace, by))),
        spans: toSend.flatMap((read) => own?.get(read) ?? []),
      },
    ];
  });
  return new Map(await Promise.all(judged));
}

/** Judging this much takes a few milliseconds at most; then others have their turn, such as a stream to a client. */
const TURN_BYTES = 128_000;

async function inTurns(spans: readonly Read[], work: (read: Read) => Promise<void>): Promise<void> {
  let turn: Promise<void>[] = [];
  let bytes = 0;
  for (const read of spans) {
    if (bytes > TURN_BYTES) {
      await Promise.all(turn);
      await nextTurn();
      turn = [];
      bytes = 0;
    }
    bytes += read.snapshot.bytes;
    turn.push(work(read));
  }
  await Promise.all(turn);
}

/** None where there is no fingerprint to be made. */
async function judgesOf(
  scope: Scope,
  matrices: ReadonlySet<Matrix>,
  fingerprintKey: HmacKey,
): Promise<Map<Matrix, Judge>> {
  try {
    const fingerprint = fingerprintWith(await importHmacKey(fingerprintKey));
    const failed = (why: string): void => scope.fault(`policy.${why}`);
    return new Map([...matrices].map((one) => [one, new Judge(one, fingerprint, failed)]));
  } catch {
    scope.fault('policy');
    return new Map();
  }
}

/** A trace's record goes out in any case, as it says what did not. */
async function traceFor(record: TraceRecord, by: Judge | undefined): Promise<TraceRecord> {
  const bare = { ...record, group_id: null, metadata: {} };
  return by ? by.trace(record).catch(() => bare) : bare;
}
