/** Text as it is stored, of which a long one shows its head. */
import { byteLength } from '../../model/bytes.ts';
import { bytes as bytesText, counted } from '../format.ts';
import type { Html } from '../html.ts';
import { paths } from '../site.ts';
import { visible } from '../text.ts';
import { pathText } from '../value-path.ts';
import type { ValuePath } from '../value-path.ts';
import type { Room } from './value-room.ts';

/** Of a longer text the head is shown, and the whole is a file. */
export const HEAD_CHARACTERS = 4_000;

/** An address with a longer path is refused by some servers, so it leads to what the value is within. */
const MAX_PATH_CHARACTERS = 1_000;

/** Where a value is, so that the whole of it can be had. */
export interface Place {
  base: string;
  traceId: string;
  spanId: string;
  path: ValuePath;
  /** What is shown is JSON inside the text at the path: nothing within it has a path of its own. */
  isInText?: boolean;
}

/** The place of something within what is at the place. */
export function within(place: Place, path: ValuePath): Place {
  return place.isInText === true ? place : { ...place, path };
}

interface TextProps {
  text: string;
  place: Place;
  room: Room;
}

export function Text({ text, place, room }: TextProps): Html {
  if (text === '') return <p class="none">empty text</p>;
  const head = text.slice(0, Math.min(HEAD_CHARACTERS, Math.max(0, room.characters)));
  room.characters -= head.length;
  return (
    <>
      {head === '' ? null : (
        <pre class="text" dir="auto" tabindex={0}>
          {visible(head)}
        </pre>
      )}
      {head.length < text.length ? <Rest text={text} head={head} place={place} /> : null}
    </>
  );
}

function Rest({ text, head, place }: { text: string; head: string; place: Place }): Html {
  return (
    <p class="dim">
      {head === '' ? 'Not shown: text' : `The first ${counted(head.length, 'character')}`} of{' '}
      {bytesText(byteLength(text))}. <Whole place={place} />
    </p>
  );
}

/** Leads to all of a value of which a page shows a part. */
export function Whole({ place }: { place: Place }): Html {
  const { base, traceId, spanId, path } = place;
  return (
    <a href={paths.value(base, traceId, spanId, addressable(path))} download>
      Download the whole
    </a>
  );
}

function addressable(path: ValuePath): string {
  for (let length = path.length; length > 0; length -= 1) {
    const text = pathText(path.slice(0, length));
    if (text.length <= MAX_PATH_CHARACTERS) return text;
  }
  return '[]';
}
