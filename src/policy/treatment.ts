/** Carries out decisions that are more than keeping and dropping. */
import { isPlainJson } from '../model/json.ts';
import type { DropCause, Json } from '../model/records.ts';
import { asStandIn } from '../model/stand-in.ts';
import { Collage } from './collage.ts';
import { divide } from './divide.ts';
import type { Job, PartJob } from './divide.ts';
import type { Layer, Ruling, Transform } from './layers.ts';
import type { FieldInfo, Outcome, ReadingBudget, Treatment } from './matrix.ts';
import { Reading } from './redact.ts';
import type { ValueRedactor } from './redact.ts';

/** @param layers where parts of the value may fall under other decisions */
export function treatmentOf(ruling: Ruling, layers: readonly Layer[]): Treatment {
  return {
    decision: decisionOf(ruling, layers),
    async later(field, key, value, budget, identify) {
      const work = treat({ ruling, field, key, value }, layers, budget);
      try {
        let step = work.next();
        while (!step.done) {
          const { redactor, value: given, why, own } = step.value;
          const answer = redactor ? redactor.valueAsync(given, own) : identify(given, why);
          step = await answer.then((result) => work.next(result));
        }
        return step.value;
      } catch {
        return 'transform_failed';
      }
    },
    now(field, key, value, budget) {
      const work = treat({ ruling, field, key, value }, layers, budget);
      try {
        let step = work.next();
        while (!step.done) {
          const { redactor, value: given, why = 'policy', own } = step.value;
          step = work.next(redactor ? redactor.value(given, own) : { $dropped: why });
        }
        return step.value;
      } catch {
        return 'transform_failed';
      }
    },
  };
}

function decisionOf({ verdict, below }: Ruling, layers: readonly Layer[]): string {
  const whole =
    typeof verdict === 'string' ? verdict : typeof verdict === 'function' ? 'function' : 'redact';
  return below.length > 0 || layers.length > 0 ? `${whole}, parts differ` : whole;
}

/** What takes time where there is time: a redactor at work, or what stands for a dropped value. */
interface Step {
  readonly redactor?: ValueRedactor;
  readonly own?: ReadingBudget;
  readonly value: Json;
  readonly why?: DropCause | undefined;
}

type Work<T> = Generator<Step, T, Json>;

/** @throws what a redactor throws, and where a value is nested too deep. */
function* treat(job: Job, layers: readonly Layer[], budget: ReadingBudget): Work<Outcome> {
  // Of a value that was cut only the head is known, which is no JSON that could be walked.
  if (asStandIn(job.value)) return 'cut';
  if (job.ruling.below.length === 0 && layers.length === 0) return yield* carryOut(job, budget);
  const { base, parts } = divide(job, layers);
  const whole = yield* carryOut(base, budget);
  if (typeof whole === 'string' && (whole !== 'drop' || parts.length === 0)) return whole;
  const collage =
    typeof whole === 'string'
      ? Collage.beside(yield { value: base.value })
      : Collage.on(whole.value);
  const holders = waysTo(parts);
  for (const { path, ...part } of parts) {
    const left = yield* treat(part, [], budget);
    if (typeof left !== 'string') {
      collage.put(path, left.value);
      continue;
    }
    const standIn = yield { value: part.value, why: left === 'drop' ? undefined : left };
    if (holders.has(JSON.stringify(path))) collage.putOpening(path, standIn);
    else collage.put(path, standIn);
  }
  return { key: typeof whole === 'string' ? job.key : whole.key, value: collage.close() };
}

/** The paths under which there are other parts. */
function waysTo(parts: readonly PartJob[]): Set<string> {
  return new Set(
    parts.flatMap(({ path }) =>
      path.slice(1).map((_, at) => JSON.stringify(path.slice(0, at + 1))),
    ),
  );
}

function* carryOut({ ruling, field, key, value }: Job, budget: ReadingBudget): Work<Outcome> {
  const { verdict } = ruling;
  if (verdict === 'drop') return 'drop';
  if (verdict === 'keep') return { key, value };
  if (typeof verdict === 'function') return transformed(verdict, field, key, value);
  const reading = new Reading(key, value, budget);
  return reading.outcome(yield { redactor: verdict, value: reading.given, own: reading.own });
}

function transformed(transform: Transform, field: FieldInfo, key: string, value: Json): Outcome {
  try {
    const result: unknown = transform(value, field);
    if (result === undefined) return 'drop';
    // A promise and what has no JSON are a mistake in the policy.
    if (result instanceof Promise || !isPlainJson(result)) return 'transform_failed';
    return { key, value: JSON.parse(JSON.stringify(result)) as Json };
  } catch {
    return 'transform_failed';
  }
}
