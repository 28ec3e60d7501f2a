/** Which decision a field falls under: the layers of a policy, the most specific first. */
import type { DataClass } from '../model/data-class.ts';
import type { Json } from '../model/records.ts';
import type { FieldInfo } from './matrix.ts';
import type { ValueRedactor } from './redact.ts';

/**
 * A policy's own treatment of a value: what it returns leaves, `undefined` drops. One that
 * throws, or returns what is no JSON, has dropped the value, and that is counted.
 */
export type Transform = (value: Json, field: FieldInfo) => Json | undefined;

/** A decision that is ready to be carried out. */
export type Verdict = 'keep' | 'drop' | ValueRedactor | Transform;

/** A decision on a path: a class and keys, `*` for any one key. */
export interface PathRule {
  readonly path: readonly string[];
  readonly verdict: Verdict;
}

/** What one tool's data falls under. */
export interface ToolVerdicts {
  readonly all?: Verdict | undefined;
  readonly input?: Verdict | undefined;
  readonly output?: Verdict | undefined;
  readonly errors?: Verdict | undefined;
}

/** Decisions that belong together: the policy's base, or its row for a destination or an environment. */
export interface Layer {
  readonly content?: Verdict | undefined;
  readonly classes: Partial<Readonly<Record<DataClass, Verdict>>>;
  readonly tools: ReadonlyMap<string, ToolVerdicts>;
  /** The longest first. */
  readonly paths: readonly PathRule[];
}

export interface Ruling {
  readonly verdict: Verdict;
  /** Rules on what lies deeper in the value: the most specific layer first, and in it the longest path. */
  readonly below: readonly PathRule[];
}

const NOT_CONTENT: readonly DataClass[] = ['errors', 'metadata', 'names'];

/** Finds the decision on a field. What no layer speaks of is dropped, but for names, which are identity. */
export function rule(layers: readonly Layer[], field: FieldInfo): Ruling {
  const path = [field.class, ...field.keys];
  const below: PathRule[] = [];
  for (const layer of layers) {
    const verdict = inLayer(layer, field, path);
    for (const deeper of layer.paths) {
      if (deeper.path.length > path.length && meets(deeper.path, path)) below.push(deeper);
    }
    if (verdict !== undefined) return { verdict, below };
  }
  return { verdict: field.class === 'names' ? 'keep' : 'drop', below };
}

function inLayer(layer: Layer, field: FieldInfo, path: readonly string[]): Verdict | undefined {
  const { content, classes, tools, paths } = layer;
  const found = paths.find((one) => one.path.length <= path.length && meets(one.path, path));
  if (found) return found.verdict;
  const isContent = !NOT_CONTENT.includes(field.class);
  const tool = field.tool === undefined ? undefined : tools.get(field.tool);
  return (
    (tool && ofTool(tool, field, isContent)) ??
    classes[field.class] ??
    (isContent ? content : undefined)
  );
}

function ofTool(
  tool: ToolVerdicts,
  { class: of, keys }: FieldInfo,
  isContent: boolean,
): Verdict | undefined {
  if (of === 'errors') return tool.errors;
  if (!isContent) return undefined;
  const [key] = keys;
  return (key === 'input' || key === 'output' ? tool[key] : undefined) ?? tool.all;
}

/** Whether a rule's path and a field's are one way, as far as both go. */
function meets(rulePath: readonly string[], path: readonly string[]): boolean {
  const shared = Math.min(rulePath.length, path.length);
  for (let at = 0; at < shared; at += 1) {
    if (rulePath[at] !== '*' && rulePath[at] !== path[at]) return false;
  }
  return true;
}

/** Whether no layer lets content or error texts pass. */
export function isBare(layers: readonly Layer[]): boolean {
  return layers.every(
    ({ content = 'drop', classes, tools, paths }) =>
      content === 'drop' &&
      tools.size === 0 &&
      paths.length === 0 &&
      Object.entries(classes).every(
        ([name, verdict]) => verdict === 'drop' || name === 'metadata' || name === 'names',
      ),
  );
}

export function speaksOfNames(layers: readonly Layer[]): boolean {
  return layers.some(
    ({ classes, paths }) =>
      'names' in classes || paths.some(({ path: [first] }) => first === 'names'),
  );
}

const COPIED: readonly string[] = ['instructions', 'tool', 'audio'];

/** Whether a model's content may hold parts that fall under other decisions than the content itself. */
export function differsByPart(layers: readonly Layer[]): boolean {
  return layers.some(
    ({ classes, tools, paths }) =>
      tools.size > 0 ||
      COPIED.some((name) => name in classes) ||
      'model' in classes ||
      paths.some(({ path: [first = ''] }) => COPIED.includes(first)),
  );
}
