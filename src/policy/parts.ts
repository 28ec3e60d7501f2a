/**
 * The parts of a model's content that are copies of something else: system prompts, calls of
 * tools and what they returned, audio. A decision on the original holds for the copy as well.
 */
import { isAudio, MAX_PART_DEPTH } from './audio.ts';
import type { Excerpt, Members, Place } from './excerpt.ts';
import type { FieldInfo } from './matrix.ts';

export interface CopiedPart {
  readonly place: Place;
  readonly field: FieldInfo;
}

export function copiedParts(excerpt: Excerpt, kind: string): CopiedPart[] {
  const found: CopiedPart[] = [];
  const calls = new Calls();
  const visit = (place: Place, depth: number): void => {
    const members = depth > MAX_PART_DEPTH ? undefined : excerpt.membersAt(place);
    if (!members) return;
    const partOf = partsOf(members, calls);
    for (const key of Object.keys(members)) {
      const inside = excerpt.at(place, key);
      const part = partOf(key);
      if (part) found.push({ place: inside, field: { ...part, kind } });
      else visit(inside, depth + 1);
    }
  };
  visit(excerpt.top, 0);
  return found;
}

/** Which tool a call is of: a result names its call, which stands before it. */
class Calls {
  readonly #tools = new Map<string, string>();

  toolOf(call: Members): string | undefined {
    const ids = ['call_id', 'callId', 'tool_call_id', 'id'].map((key) => textAt(call, key));
    const id = ids.find(Boolean) ?? '';
    const name = textAt(call, 'name') || textAt(membersAt(call, 'function'), 'name');
    if (name) this.#tools.set(id, name);
    return name || this.#tools.get(id);
  }
}

/** Says of a member what it is a copy of. */
type PartOf = (key: string) => Omit<FieldInfo, 'kind'> | undefined;

/** Members of a call that say which it is, and no more. */
const OF_CALLS = /^(?:type|id|call_?id|name|status|role|server_label|namespace)$/i;
const RESULTS = /^(?:outputs?|results?|content|error)$/;
const CALL = /(?:^|_)call(?:_output|_result)?$/;

function partsOf(members: Members, calls: Calls): PartOf {
  const type = textAt(members, 'type');
  const role = textAt(members, 'role');
  if (role === 'system' || role === 'developer')
    return (key) => (key === 'content' ? { class: 'instructions', keys: ['system'] } : undefined);
  if (type === 'mcp_list_tools')
    return (key) => (key === 'tools' ? { class: 'instructions', keys: ['tools'] } : undefined);
  const isCall = CALL.test(type) || Object.hasOwn(members, 'arguments');
  if (isCall || role === 'tool') {
    const tool = calls.toolOf(members);
    const isResult = /_(?:output|result)$/.test(type);
    return (key) => {
      if (OF_CALLS.test(key) || (role === 'tool' && key !== 'content')) return undefined;
      return { class: 'tool', keys: [isResult || RESULTS.test(key) ? 'output' : 'input'], tool };
    };
  }
  if (Object.hasOwn(members, 'function')) calls.toolOf(members);
  return (key) => (isAudio(type, key) ? { class: 'audio', keys: [key] } : undefined);
}

function membersAt(members: Members, key: string): Members {
  const value = Object.hasOwn(members, key) ? members[key] : undefined;
  return typeof value === 'object' && value !== null ? (value as Members) : {};
}

function textAt(members: Members, key: string): string {
  const value = Object.hasOwn(members, key) ? members[key] : undefined;
  return typeof value === 'string' ? value : '';
}
