/** One reading of a trace that all rules share: order, parents, agents, runs. */
import type { StoredTraceWithSpans } from '../model/store.ts';
import { isWholeAnswer, succeeded } from './answers.ts';
import { fieldsOf, readStep } from './step.ts';
import type { Step } from './step.ts';

export interface TraceView {
  readonly trace: StoredTraceWithSpans;
  /** In order of start; of equal starts parents first, then what ended first. */
  readonly steps: readonly Step[];
  /** Calls of tools. */
  readonly tools: readonly Step[];
  /** Calls of a model. */
  readonly models: readonly Step[];
  readonly handoffs: readonly Step[];
  readonly agents: readonly Step[];
  readonly tasks: readonly Step[];
  /** Steps of one level: of the trace itself, or of all that happens inside one tool's call. */
  readonly levels: readonly (readonly Step[])[];
  /** The last call of each tool that worked, by name. */
  readonly lastWorked: ReadonlyMap<string, Step>;
  /** The last whole answer of a model for each agent, by name. */
  readonly lastAnswered: ReadonlyMap<string, Step>;
  /** The last run that ended well and is not inside a tool's call. */
  readonly lastRun: Step | undefined;
  /** Whether all that was captured is here, so that what is not here did not happen. */
  readonly isWhole: boolean;
  readonly startedAt: number;
}

const MODEL_KINDS: ReadonlySet<string> = new Set(['response', 'generation']);

export function isModel({ kind }: Step): boolean {
  return MODEL_KINDS.has(kind);
}

export function viewOf(trace: StoredTraceWithSpans): TraceView {
  const spans: unknown = trace.spans;
  const steps = inOrder(uniqueSteps(Array.isArray(spans) ? spans : []));
  const of = (kind: string): Step[] => steps.filter((step) => step.kind === kind);
  const [tools, models, tasks] = [of('function'), steps.filter(isModel), of('task')];
  return {
    trace,
    steps,
    tools,
    models,
    tasks,
    handoffs: of('handoff'),
    agents: of('agent'),
    lastWorked: new Map(tools.filter(succeeded).map((tool) => [tool.name ?? '', tool])),
    lastAnswered: new Map(
      models.filter(isWholeAnswer).map((model) => [model.agent?.name ?? '', model]),
    ),
    lastRun: tasks.findLast((task) => succeeded(task) && task.within === null),
    levels: [...groupBy(steps, ({ within }) => within?.id ?? '').values()],
    isWhole: isWhole(trace),
    startedAt: finite(trace.startedAt) ?? finite(trace.endedAt) ?? 0,
  };
}

/** A span that was exported while it was open stays behind when it ends: its record is here. */
const HARMLESS: ReadonlySet<string> = new Set(['already_truncated']);

/** Spans that stayed behind on purpose and are missed in the trace. */
export function leftBehind({ dropped }: StoredTraceWithSpans): number {
  return Object.entries(fieldsOf(dropped))
    .filter(([reason]) => !HARMLESS.has(reason))
    .reduce((sum, [, n]) => sum + (typeof n === 'number' && n > 0 ? n : 0), 0);
}

function isWhole(trace: StoredTraceWithSpans): boolean {
  const isOver = trace.status !== 'truncated' && trace.status !== 'incomplete';
  return (
    isOver && !(trace.missing > 0) && !trace.unreadable && !trace.left && leftBehind(trace) === 0
  );
}

function finite(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** Of spans with one id the first in an order that does not depend on how they were given. */
function uniqueSteps(spans: readonly unknown[]): Map<string, Step> {
  const found = new Map<string, Step>();
  for (const span of spans) {
    const step = readStep(span);
    const known = step && found.get(step.id);
    if (step && (!known || isBefore(step, known))) found.set(step.id, step);
  }
  return found;
}

function isBefore(step: Step, known: Step): boolean {
  const order = byTime(step, known);
  return order < 0 || (order === 0 && jsonOf(step.span) < jsonOf(known.span));
}

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    // Nested deeper than the stack: then it is taken as it came.
    return '';
  }
}

function byTime(a: Step, b: Step): number {
  return compare(a.start, b.start) || compare(a.end ?? Infinity, b.end ?? Infinity);
}

function compare<T extends number | string>(a: T, b: T): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

function inOrder(byId: ReadonlyMap<string, Step>): Step[] {
  const steps = [...byId.values()].toSorted((a, b) => byTime(a, b) || compare(a.id, b.id));
  const depths = link(steps, byId);
  const depth = (step: Step): number => depths.get(step) ?? 0;
  steps.sort(
    (a, b) =>
      compare(a.start, b.start) ||
      compare(depth(a), depth(b)) ||
      byTime(a, b) ||
      compare(a.id, b.id),
  );
  for (const [order, step] of steps.entries()) {
    step.order = order;
    step.parent?.children.push(step);
  }
  return steps;
}

/**
 * Finds parents, and what each step is part of. Stored parents may form a circle, which is
 * cut where it is first closed, and may be nested deeper than a stack.
 */
function link(steps: readonly Step[], byId: ReadonlyMap<string, Step>): Map<Step, number> {
  const depths = new Map<Step, number>();
  for (const step of steps) {
    const path = new Set<Step>();
    for (let at: Step | undefined = step; at && !depths.has(at) && !path.has(at);) {
      path.add(at);
      at = byId.get(at.parentId ?? '');
    }
    for (const at of [...path].toReversed()) {
      const parent = byId.get(at.parentId ?? '');
      // Of a circle no parent is placed yet when its first step is.
      at.parent = parent && depths.has(parent) ? parent : null;
      depths.set(at, at.parent ? (depths.get(at.parent) ?? 0) + 1 : 0);
      place(at);
    }
  }
  return depths;
}

function place(step: Step): void {
  const { parent } = step;
  step.agent = step.kind === 'agent' ? step : (parent?.agent ?? null);
  step.task = step.kind === 'task' ? step : (parent?.task ?? null);
  step.within = parent?.kind === 'function' ? parent : (parent?.within ?? null);
  const around = step.kind === 'task' ? parent?.task : step.task;
  step.outermost = around?.outermost ?? step;
  step.allWell = succeeded(step) && (!parent || parent === step.within || parent.allWell);
}

/**
 * Whose work a step is. An agent that comes again in one run of the SDK is another, as it was
 * handed over to anew; other tracers begin a span of the same agent with each of its turns.
 */
export function actorOf({ agent, task, within }: Step): string {
  return JSON.stringify([scopeOf({ task, within }), task ? agent?.id : agent?.name]);
}

/** What happens one after the other: a run of the SDK or, where there is none, a level of the trace. */
export function scopeOf({ task, within }: Pick<Step, 'task' | 'within'>): string {
  return task?.id ?? within?.id ?? '';
}

/** Groups that keep the order in which their first members came. */
export function groupBy<T>(items: Iterable<T>, keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
