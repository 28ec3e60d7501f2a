import type { Step } from './step.ts';

/** An answer of a model, with how many of the calls that it asked for are still to come. */
interface Entry {
  readonly answer: Step;
  left: number;
}

/** The run of the SDK that a step is part of. */
export function runOf({ task }: Step): string {
  return task?.id ?? '';
}

/** Which answer a call belongs to: the last of its run, or one of an earlier run that a person has let go on. */
export class Ledger {
  readonly #byRun = new Map<string, Entry[]>();
  readonly #byAgent = new Map<string, Entry[]>();
  readonly #all: Entry[] = [];

  owe(answer: Step): void {
    const entry = { answer, left: answer.facts.toolCalls };
    this.#all.push(entry);
    listIn(this.#byRun, runOf(answer)).push(entry);
    listIn(this.#byAgent, answer.agent?.name ?? '').push(entry);
  }

  pay(call: Step, count: number): void {
    const places = [
      listIn(this.#byRun, runOf(call)),
      listIn(this.#byAgent, call.agent?.name ?? ''),
      this.#all,
    ];
    for (const place of places) {
      while (place.length > 0 && (place.at(-1)?.left ?? 0) <= 0) place.pop();
      const last = place.at(-1);
      if (!last) continue;
      last.left -= count;
      return;
    }
  }

  open(): Entry[] {
    return [...this.#byRun.values()]
      .flat()
      .filter(({ left }) => left > 0)
      .toSorted((a, b) => a.answer.order - b.answer.order);
  }
}

function listIn<T>(map: Map<string, T[]>, key: string): T[] {
  const list = map.get(key) ?? [];
  map.set(key, list);
  return list;
}
