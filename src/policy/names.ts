/** Judges names: what identity says in words. */
import type { DroppedContent, Json } from '../model/records.ts';
import type { Identify, Matrix, NamesJudge, ReadingBudget } from './matrix.ts';

type Members = { [key: string]: Json };

/** Their values are words of closed lists, or the SDK's own sentences. */
const OF_WORDS = ['type', 'sdk_span_type', 'kind', 'error_kind', 'message', 'finish_reason'];

/** The keys in these come from the application; all others of identity are fixed. */
const OF_SETTINGS = ['usage', 'model_config', 'cut'];

export function namesJudge(judge: Matrix['judge']): NamesJudge {
  return async (identity, kind, budget, identify) => {
    const names = new Names(judge, kind, budget, identify);
    return (await names.members(identity as unknown as Members, false)) as typeof identity;
  };
}

class Names {
  readonly #judge: Matrix['judge'];
  readonly #kind: string;
  readonly #budget: ReadingBudget;
  readonly #identify: Identify;
  /** A name stands in the span and in its facts. */
  readonly #judged = new Map<string, Promise<string>>();

  constructor(judge: Matrix['judge'], kind: string, budget: ReadingBudget, identify: Identify) {
    this.#judge = judge;
    this.#kind = kind;
    this.#budget = budget;
    this.#identify = identify;
  }

  async members(members: Members, areSettings: boolean): Promise<Members> {
    const left: Members = {};
    for (const [key, value] of Object.entries(members)) {
      // The name of a setting that may not leave takes its number with it.
      if (areSettings && (await this.#settingOf(key)) !== key) continue;
      left[key] = OF_WORDS.includes(key) ? value : await this.#value(value, key, areSettings);
    }
    return left;
  }

  async #value(value: Json, key: string, isSetting: boolean): Promise<Json> {
    if (typeof value === 'string') return value === this.#kind ? value : this.#name(value, key);
    if (Array.isArray(value))
      return Promise.all(value.map((item) => this.#value(item, key, isSetting)));
    if (typeof value !== 'object' || value === null) return value;
    return this.members(value, isSetting || OF_SETTINGS.includes(key));
  }

  #name(name: string, key: string): Promise<string> {
    const at = `${key} ${name}`;
    const judged = this.#judged.get(at) ?? this.#judgeName(name, key);
    this.#judged.set(at, judged);
    return judged;
  }

  async #judgeName(name: string, key: string): Promise<string> {
    const field = { class: 'names', keys: [key], kind: this.#kind } as const;
    const verdict = this.#judge(field);
    if (verdict === 'keep') return name;
    const outcome =
      verdict === 'drop'
        ? verdict
        : await verdict.later(field, key, name, this.#budget, this.#identify);
    if (typeof outcome !== 'string' && typeof outcome.value === 'string') return outcome.value;
    // Equal names are equal still.
    const { fingerprint } = (await this.#identify(name)) as unknown as DroppedContent;
    return `[dropped ${fingerprint}]`;
  }

  /** Names of settings are words that have passed the shape check, so that dropping names leaves them. */
  async #settingOf(key: string): Promise<string> {
    const verdict = this.#judge({ class: 'names', keys: [key], kind: this.#kind });
    return typeof verdict === 'string' ? key : this.#name(key, 'setting');
  }
}
