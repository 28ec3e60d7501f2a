/** Whether later spans show that the run got over something. */
import type { TraceView } from './view.ts';
import type { Step } from './step.ts';

export function isAfter(later: Step, earlier: Step): boolean {
  return later.order > earlier.order && later.start >= earlier.start;
}

/** The same tool was called again and worked. */
export function toolWorkedLater({ lastWorked }: TraceView, step: Step): boolean {
  const again = lastWorked.get(step.name ?? '');
  return again !== undefined && isAfter(again, step);
}

/** A model answered again for an agent of the same name. */
export function modelAnsweredLater({ lastAnswered }: TraceView, step: Step): boolean {
  const again = lastAnswered.get(step.agent?.name ?? '');
  return again !== undefined && isAfter(again, step);
}

/** A run that began afterwards, and not inside of what failed, ended well. */
export function ranLater({ lastRun }: TraceView, step: Step): boolean {
  return lastRun !== undefined && isAfter(lastRun, step) && lastRun.start >= (step.end ?? Infinity);
}
