import { MAX_REDACTED_CHARACTERS } from '../model/limits.ts';
import { createRedactor } from '../redaction/redactor.ts';
import { uniform } from './policy.ts';
import type { Policy } from './policy.ts';
import { layeredMatrix } from './layered.ts';

/**
 * Content leaves without the credentials and the personal data that `sluice/redaction` finds, and
 * so do names, metadata and errors. Audio does not leave. What it cannot find (people's names,
 * street addresses, free text on health) is listed in docs/privacy.md.
 */
export const redacted: Policy = /* @__PURE__ */ everythingUnder();

function everythingUnder(): Policy {
  const everything = createRedactor();
  const classes = {
    audio: 'drop',
    errors: everything,
    metadata: everything,
    names: everything,
  } as const;
  const layer = { content: everything, classes, tools: new Map(), paths: [] };
  return uniform('redacted', layeredMatrix([layer], MAX_REDACTED_CHARACTERS));
}
