/** JSON as a tree that opens and closes without a script. */
import type { Child } from 'hono/jsx';
import { asDropped } from '../content.ts';
import type { Html } from '../html.ts';
import { line, visible } from '../text.ts';
import { Dropped } from './dropped.tsx';
import { Text } from './text-block.tsx';
import type { Place } from './text-block.tsx';

/** Nodes of one tree that are rendered; the others are in the raw JSON. */
const MAX_NODES = 300;
const MAX_DEPTH = 40;

/** Levels of a tree that are open at first. */
const OPEN_LEVELS = 2;

export function JsonTree({ value, place }: { value: unknown; place: Place }): Html {
  const budget = { nodes: MAX_NODES };
  return (
    <div class="tree">
      <Node name={undefined} value={value} level={0} budget={budget} place={place} />
    </div>
  );
}

interface NodeProps {
  name: string | undefined;
  value: unknown;
  level: number;
  /** What is left of the tree's nodes, which each of them takes from. */
  budget: { nodes: number };
  place: Place;
}

function Node(props: NodeProps): Html {
  const { name, value, level, budget, place } = props;
  budget.nodes -= 1;
  const dropped = asDropped(value);
  if (dropped)
    return (
      <Leaf name={name}>
        <Dropped dropped={dropped} />
      </Leaf>
    );
  if (typeof value !== 'object' || value === null) {
    return (
      <Leaf name={name}>
        <Scalar value={value} place={place} />
      </Leaf>
    );
  }
  const size = sizeText(value);
  if (Object.keys(value).length === 0) {
    return (
      <Leaf name={name}>
        <span class="dim">{size}</span>
      </Leaf>
    );
  }
  if (level >= MAX_DEPTH || budget.nodes <= 0) {
    return (
      <Leaf name={name}>
        <span class="dim">{size} … see the raw JSON</span>
      </Leaf>
    );
  }
  return <Branch {...props} value={value} />;
}

function Branch({ name, value, level, budget, place }: NodeProps & { value: object }): Html {
  const entries: [string, unknown][] = Object.entries(value);
  const shown = entries.slice(0, Math.max(1, budget.nodes));
  const pathOf = (key: string): Place['path'] => [
    ...place.path,
    Array.isArray(value) ? Number(key) : key,
  ];
  return (
    <details open={level < OPEN_LEVELS}>
      <summary>
        <Key name={name} />
        <span class="dim">{sizeText(value)}</span>
      </summary>
      {shown.map(([key, item]) =>
        budget.nodes <= 0 ? null : (
          <Node
            name={key}
            value={item}
            level={level + 1}
            budget={budget}
            place={{ ...place, path: pathOf(key) }}
          />
        ),
      )}
      {shown.length < entries.length || budget.nodes <= 0 ? (
        <div class="dim">… more in the raw JSON</div>
      ) : null}
    </details>
  );
}

function sizeText(value: object): string {
  const size = Object.keys(value).length;
  return Array.isArray(value) ? `[${size}]` : `{${size}}`;
}

function Leaf({ name, children }: { name: string | undefined; children?: Child }): Html {
  return (
    <div class="leaf">
      <Key name={name} />
      {children}
    </div>
  );
}

function Key({ name }: { name: string | undefined }): Html | null {
  if (name === undefined) return null;
  return (
    <>
      <bdi class="key">{line(name, 100)}</bdi>
      {': '}
    </>
  );
}

/** What a text must be longer than to stand in a block of its own. */
const MAX_INLINE_CHARACTERS = 120;

function Scalar({ value, place }: { value: unknown; place: Place }): Html {
  if (typeof value !== 'string') return <span class="literal">{String(value)}</span>;
  if (value.length > MAX_INLINE_CHARACTERS || value.includes('\n'))
    return <Text text={value} place={place} />;
  return (
    <span class="string" dir="auto">
      {visible(JSON.stringify(value))}
    </span>
  );
}
