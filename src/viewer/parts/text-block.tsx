/** Text as it is stored, of which a long one shows its head. */
import { byteLength } from '../../model/bytes.ts';
import { bytes as bytesText, counted } from '../format.ts';
import type { Html } from '../html.ts';
import { paths } from '../site.ts';
import { visible } from '../text.ts';
import { pathText } from '../value-path.ts';
import type { ValuePath } from '../value-path.ts';

/** Of a longer text the head is shown, and the whole is a file. */
export const HEAD_CHARACTERS = 4_000;

/** Where a value is, so that the whole of it can be had. */
export interface Place {
  base: string;
  traceId: string;
  spanId: string;
  path: ValuePath;
}

export function Text({ text, place }: { text: string; place: Place }): Html {
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
