/** Words for titles: names as they can be shown, numbers with what they count. */
import type { Step } from './step.ts';

const MAX_SHOWN_CHARACTERS = 64;

/** Nothing that breaks a line or turns the direction of what follows. */
const UNSHOWABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

export function shown(name: string | undefined, otherwise: string): string {
  const clean = (name ?? '').slice(0, 2 * MAX_SHOWN_CHARACTERS).replace(UNSHOWABLE, '');
  const characters = Array.from(clean.trim());
  if (characters.length === 0) return otherwise;
  if (characters.length <= MAX_SHOWN_CHARACTERS) return characters.join('');
  return `${characters.slice(0, MAX_SHOWN_CHARACTERS - 1).join('')}…`;
}

/** The names, each once, in their order; the rest as a number. */
export function listed(names: readonly string[]): string {
  const unique = [...new Set(names)];
  const [head, rest] = [unique.slice(0, 3), unique.length - 3];
  if (rest > 0) return `${head.join(', ')} and ${rest} more`;
  return head.length < 2 ? head.join('') : `${head.slice(0, -1).join(', ')} and ${head.at(-1)}`;
}

export function times(count: number): string {
  if (count === 1) return 'once';
  return count === 2 ? 'twice' : `${grouped(count)} times`;
}

export function counted(count: number, one: string, many: string = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

/** How many of so many calls, or nothing where there was but one. */
export function share(count: number, all: number): string {
  if (all <= 1) return '';
  return count === all
    ? ` in each of ${counted(all, 'call')}`
    : ` in ${count} of ${counted(all, 'call')}`;
}

export function grouped(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',');
}

export function seconds(ms: number): string {
  return ms < 10_000 ? `${(ms / 1_000).toFixed(1)} s` : `${grouped(ms / 1_000)} s`;
}

export function toolName({ name }: Step): string {
  return shown(name, 'a tool');
}

export function agentName(step: Step): string {
  return shown(step.agent?.name, 'the agent');
}

/** The agent as the subject of a sentence. */
export function subject(step: Step): string {
  return shown(step.agent?.name, 'The agent');
}

/** The step in a few words: `tool search`, `model gpt-5`. */
export function described(step: Step): string {
  const { kind, name, facts } = step;
  if (kind === 'function') return `tool ${toolName(step)}`;
  if (kind === 'response' || kind === 'generation')
    return `the call of model ${shown(facts.model, '(unnamed)')}`;
  if (kind === 'handoff')
    return `the handover of ${shown(facts.handoffFrom, 'an agent')} to ${shown(facts.handoffTo, 'another')}`;
  return `${shown(kind, 'span')} ${shown(name, '(unnamed)')}`;
}
