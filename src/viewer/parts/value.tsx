/** Stored values as a reader wants them: text, messages, JSON as a tree, or what the policy left. */
import { asDropped, messagesIn } from '../content.ts';
import type { Message } from '../content.ts';
import { counted } from '../format.ts';
import type { Html } from '../html.ts';
import { line } from '../text.ts';
import { Dropped } from './dropped.tsx';
import { JsonTree } from './json-tree.tsx';
import { HEAD_CHARACTERS, Text, Whole, within } from './text-block.tsx';
import type { Place } from './text-block.tsx';
import { isFull } from './value-room.ts';
import type { Room } from './value-room.ts';

/** Messages of one conversation that are rendered, the last of it; the others are in the whole. */
const MAX_MESSAGES = 300;

/** What the frame of a message takes of the room of a page. */
const NODES_A_MESSAGE = 5;

interface ValueProps {
  value: unknown;
  place: Place;
  room: Room;
}

export function Value({ value, place, room }: ValueProps): Html {
  const dropped = asDropped(value);
  if (dropped) return <Dropped dropped={dropped} />;
  if (isFull(room)) return <NotShown place={place} />;
  room.nodes -= 1;
  const parsed = parsedJson(value);
  if (typeof parsed === 'string') return <Text text={parsed} place={place} room={room} />;
  const at = parsed === value ? place : { ...place, isInText: true };
  const messages = messagesIn(parsed, place.path);
  if (messages) return <Messages messages={messages} place={at} room={room} />;
  return <JsonTree value={parsed} place={at} room={room} />;
}

function NotShown({ place }: { place: Place }): Html {
  return (
    <p class="dim">
      Not shown, as there is much on this page. <Whole place={place} />
    </p>
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

interface MessagesProps {
  messages: readonly Message[];
  place: Place;
  room: Room;
}

function Messages({ messages, place, room }: MessagesProps): Html {
  const most = Math.min(MAX_MESSAGES, Math.ceil(room.nodes / NODES_A_MESSAGE));
  const shown = messages.slice(-Math.max(1, most));
  room.nodes -= shown.length * NODES_A_MESSAGE;
  return (
    <ol class="messages">
      {shown.length < messages.length ? (
        <li class="dim">
          {counted(messages.length - shown.length, 'earlier message')}. <Whole place={place} />
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
          <Value value={content} place={within(place, path)} room={room} />
        </li>
      ))}
    </ol>
  );
}
