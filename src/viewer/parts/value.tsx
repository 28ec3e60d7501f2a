/** Stored values as a reader wants them: text, messages, JSON as a tree, or what the policy left. */
import { asDropped, messagesIn } from '../content.ts';
import type { Message } from '../content.ts';
import { counted } from '../format.ts';
import type { Html } from '../html.ts';
import { line } from '../text.ts';
import { Dropped } from './dropped.tsx';
import { JsonTree } from './json-tree.tsx';
import { HEAD_CHARACTERS, Text } from './text-block.tsx';
import type { Place } from './text-block.tsx';

/** Messages of one conversation that are rendered, the last of it; the others are in the raw JSON. */
const MAX_MESSAGES = 300;

export function Value({ value, place }: { value: unknown; place: Place }): Html {
  const dropped = asDropped(value);
  if (dropped) return <Dropped dropped={dropped} />;
  const parsed = parsedJson(value);
  const messages = messagesIn(parsed, place.path);
  if (messages) return <Messages messages={messages} place={place} />;
  if (typeof parsed === 'string') return <Text text={parsed} place={place} />;
  return <JsonTree value={parsed} place={place} />;
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

function Messages({ messages, place }: { messages: readonly Message[]; place: Place }): Html {
  const shown = messages.slice(-MAX_MESSAGES);
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
