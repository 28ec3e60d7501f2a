import type { DroppedContent } from '../../model/records.ts';
import { bytes as bytesText } from '../format.ts';
import type { Html } from '../html.ts';
import { line } from '../text.ts';

const REASONS: Readonly<Record<string, string>> = {
  over_budget: 'the policy had no time left to read it',
  transform_failed: 'a function of the policy failed',
  cut: 'only its head was captured',
};

/** What stands where content stood: enough to see that two were equal, and nothing of what they were. */
export function Dropped({ dropped }: { dropped: DroppedContent }): Html {
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
