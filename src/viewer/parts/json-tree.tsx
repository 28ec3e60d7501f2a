/** JSON as a tree that opens and closes without a script. */
import { asDropped } from '../content.ts';
import { count } from '../format.ts';
import type { Html } from '../html.ts';
import { line, visible } from '../text.ts';
import { Dropped } from './dropped.tsx';
import { Text, Whole, within } from './text-block.tsx';
import type { Place } from './text-block.tsx';
import type { Room } from './value-room.ts';

/** Nodes of one tree that are rendered; the others are in the whole. */
const MAX_NODES = 300;
const MAX_DEPTH = 40;
const MAX_KEY_CHARACTERS = 100;

/** Levels of a tree that are open at first. */
const OPEN_LEVELS = 2;

interface TreeProps {
  value: unknown;
  place: Place;
  room: Room;
}

export function JsonTree({ value, place, room }: TreeProps): Html {
  const budget = { nodes: Math.max(1, Math.min(MAX_NODES, room.nodes)) };
  room.nodes -= budget.nodes;
  const tree = nodeOf({ name: undefined, value, level: 0, budget, place, room });
  room.nodes += budget.nodes;
  return <div class="tree">{tree}</div>;
}

interface NodeProps extends TreeProps {
  name: string | undefined;
  level: number;
  /** What is left for the node and all within it. */
  budget: { nodes: number };
}

/** Called, not rendered later as a component is: what a node took must be known before the next. */
function nodeOf(props: NodeProps): Html {
  const { name, value, level, budget, place, room } = props;
  budget.nodes -= 1;
  room.characters -= Math.min(name?.length ?? 0, MAX_KEY_CHARACTERS);
  const dropped = asDropped(value);
  const isLeaf = dropped !== undefined || typeof value !== 'object' || value === null;
  const size = isLeaf ? 0 : Object.keys(value).length;
  if (!isLeaf && size > 0 && level < MAX_DEPTH && budget.nodes > 0)
    return branchOf({ ...props, value });
  return (
    <div class="leaf">
      <Key name={name} />
      {dropped ? <Dropped dropped={dropped} /> : null}
      {isLeaf && !dropped ? <Scalar value={value} place={place} room={room} /> : null}
      {isLeaf ? null : <span class="dim">{sizeText(value)}</span>}
      {size > 0 ? (
        <span class="dim">
          {' '}
          … <Whole place={place} />
        </span>
      ) : null}
    </div>
  );
}

interface BranchProps extends NodeProps {
  value: object;
}

function branchOf(props: BranchProps): Html {
  const { name, value, level, place } = props;
  const nodes = childrenOf(props);
  const left = Object.keys(value).length - nodes.length;
  return (
    <details open={level < OPEN_LEVELS}>
      <summary>
        <Key name={name} />
        <span class="dim">{sizeText(value)}</span>
      </summary>
      {nodes}
      {left > 0 ? (
        <div class="dim">
          … {count(left)} more. <Whole place={place} />
        </div>
      ) : null}
    </details>
  );
}

function childrenOf({ value, level, budget, place, room }: BranchProps): Html[] {
  const entries: [string, unknown][] = Object.entries(value);
  const nodes: Html[] = [];
  for (const [key, item] of entries) {
    if (budget.nodes <= 0) break;
    // A line for each of those that follow, where that leaves it half of what there is.
    const rest = Math.min(entries.length - nodes.length - 1, Math.floor(budget.nodes / 2));
    const own = { nodes: budget.nodes - rest };
    const path = [...place.path, Array.isArray(value) ? Number(key) : key];
    nodes.push(
      nodeOf({
        name: key,
        value: item,
        level: level + 1,
        budget: own,
        place: within(place, path),
        room,
      }),
    );
    budget.nodes = rest + own.nodes;
  }
  return nodes;
}

function sizeText(value: object): string {
  const size = Object.keys(value).length;
  return Array.isArray(value) ? `[${size}]` : `{${size}}`;
}

function Key({ name }: { name: string | undefined }): Html | null {
  if (name === undefined) return null;
  return (
    <>
      <bdi class="key">{line(name, MAX_KEY_CHARACTERS)}</bdi>
      {': '}
    </>
  );
}

/** What a text must be longer than to stand in a block of its own. */
const MAX_INLINE_CHARACTERS = 120;

function Scalar({ value, place, room }: TreeProps): Html {
  if (typeof value !== 'string') return <span class="literal">{String(value)}</span>;
  if (value.length > MAX_INLINE_CHARACTERS || value.includes('\n'))
    return <Text text={value} place={place} room={room} />;
  room.characters -= value.length;
  return (
    <span class="string" dir="auto">
      {visible(JSON.stringify(value))}
    </span>
  );
}
