/** Stored values as a reader wants them: text, messages, JSON as a tree, or what the policy left. */
import { byteLength } from '../../model/bytes.ts';
import type { DroppedContent } from '../../model/records.ts';
import { asDropped, messagesIn } from '../content.ts';
import type { Message } from '../content.ts';
import { bytes as bytesText, counted } from '../format.ts';
import type { Html } from '../html.ts';
import { paths } from '../site.ts';
import { line, visible } from '../text.ts';
import { pathText } from '../value-path.ts';
import type { ValuePath } from '../value-path.ts';

/** Of a longer text the head is shown, and the whole is a file. */
const HEAD_CHARACTERS = 4_000;

/** Nodes of one tree that are rendered; the others are in the raw JSON. */
const MAX_NODES = 300;
const MAX_DEPTH = 40;

/** Levels of a tree that are open at first. */
const OPEN_LEVELS = 2;

/** Where a value is, so that the whole of it can be had. */
export interface Place {
  base: string;
  traceId: string;
  spanId: string;
  path: ValuePath;
}

interface Budget {
  nodes: number;
}

export function Value({ value, place }: { value: unknown; place: Place }): Html {
  const dropped = asDropped(value);
  if (dropped) return <Dropped dropped={dropped} />;
  const parsed = parsedJson(value);
  const messages = messagesIn(parsed, place.path);
  if (messages) return <Messages messages={messages} place={place} />;
  if (typeof parsed === 'string') return <Text text={parsed} place={place} />;
  return (
    <div class="tree">
      <Node name={undefined} value={parsed} level={0} budget={{ nodes: MAX_NODES }} place={place} />
    </div>
  );
}

/** Arguments and results of tools are JSON inside a text. */
function parsedJson(value: unknown): unknown {
  if (typeof value !== 'string' || value.length > HEAD_CHARACTERS || !/^\s*[[{]/.test(value))
    return value;
  try {
    return JSON.parse(value) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return value;
    throw error;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  over_budget: 'the policy had no time left to read it',
  transform_failed: 'a function of the policy failed',
  cut: 'only its head was captured',
};

/** What stands where content stood: enough to see that two were equal, and nothing of what they were. */
function Dropped({ dropped }: { dropped: DroppedContent }): Html {
  const { $dropped, bytes, fingerprint, reason } = dropped;
  const why =
    typeof reason === 'string' && Object.hasOwn(REASONS, reason) ? REASONS[reason] : undefined;
  return (
    <p class="dropped">
      <span class="chip">not kept</span> {line($dropped, 20)}, {bytesText(bytes)}
      {typeof fingerprint === 'string' ? (
        <>
          {' '}
          <code title="Equal content has an equal fingerprint">{line(fingerprint, 32)}</code>
        </>
      ) : null}
      {why === undefined ? null : <span class="dim"> ({why})</span>}
    </p>
  );
}

function Text({ text, place }: { text: string; place: Place }): Html {
  if (text === '') return <p class="none">empty text</p>;
  const isLong = text.length > HEAD_CHARACTERS;
  const head = isLong ? text.slice(0, HEAD_CHARACTERS) : text;
  return (
    <>
      <pre class="text" dir="auto" tabindex={0}>
        {visible(head)}
      </pre>
      {isLong ? <Whole text={text} place={place} /> : null}
    </>
  );
}

function Whole({ text, place }: { text: string; place: Place }): Html {
  const { base, traceId, spanId, path } = place;
  return (
    <p class="dim">
      The first {counted(HEAD_CHARACTERS, 'character')} of {bytesText(byteLength(text))}.{' '}
      <a href={paths.value(base, traceId, spanId, pathText(path))} download>
        Download the whole
      </a>
    </p>
  );
}

function Messages({ messages, place }: { messages: readonly Message[]; place: Place }): Html {
  const shown = messages.slice(-MAX_NODES);
  return (
    <ol class="messages">
      {shown.length < messages.length ? (
        <li class="dim">
          {counted(messages.length - shown.length, 'earlier message')}: see the raw JSON.
        </li>
      ) : null}
      {shown.map(({ role, tool, path, content }) => (
        <li class="message">
          <span class="role">
            {line(role, 40)}
            {tool === undefined ? null : (
              <>
                {' '}
                <bdi>{line(tool, 80)}</bdi>
              </>
            )}
          </span>
          <Value value={content} place={{ ...place, path }} />
        </li>
      ))}
    </ol>
  );
}

interface NodeProps {
  name: string | undefined;
  value: unknown;
  level: number;
  budget: Budget;
  place: Place;
}

function Node({ name, value, level, budget, place }: NodeProps): Html {
  budget.nodes -= 1;
  const key =
    name === undefined ? null : (
      <>
        <bdi class="key">{line(name, 100)}</bdi>
        {': '}
      </>
    );
  const dropped = asDropped(value);
  if (dropped)
    return (
      <div class="leaf">
        {key}
        <Dropped dropped={dropped} />
      </div>
    );
  if (typeof value !== 'object' || value === null)
    return (
      <div class="leaf">
        {key}
        <Scalar value={value} place={place} />
      </div>
    );
  const entries: [string, unknown][] = Object.entries(value);
  const size = Array.isArray(value) ? `[${entries.length}]` : `{${entries.length}}`;
  if (entries.length === 0)
    return (
      <div class="leaf">
        {key}
        <span class="dim">{size}</span>
      </div>
    );
  if (level >= MAX_DEPTH || budget.nodes <= 0)
    return (
      <div class="leaf">
        {key}
        <span class="dim">{size} … see the raw JSON</span>
      </div>
    );
  const shown = entries.slice(0, Math.max(1, budget.nodes));
  return (
    <details open={level < OPEN_LEVELS}>
      <summary>
        {key}
        <span class="dim">{size}</span>
      </summary>
      {shown.map(([child, item]) =>
        budget.nodes <= 0 ? null : (
          <Node
            name={child}
            value={item}
            level={level + 1}
            budget={budget}
            place={{
              ...place,
              path: [...place.path, Array.isArray(value) ? Number(child) : child],
            }}
          />
        ),
      )}
      {shown.length < entries.length || budget.nodes <= 0 ? (
        <div class="dim">… more in the raw JSON</div>
      ) : null}
    </details>
  );
}

function Scalar({ value, place }: { value: unknown; place: Place }): Html {
  if (typeof value === 'string') {
    return value.length > 120 || value.includes('\n') ? (
      <Text text={value} place={place} />
    ) : (
      <span class="string" dir="auto">
        {visible(JSON.stringify(value))}
      </span>
    );
  }
  return <span class="literal">{String(value)}</span>;
}
