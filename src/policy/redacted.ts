import { MAX_REDACTED_CHARACTERS } from '../model/limits.ts';
import { createRedactor } from '../redaction/redactor.ts';
import { withoutAudio } from './audio.ts';
import type { Matrix, Treatment } from './matrix.ts';
import { namesJudge } from './names.ts';
import { uniform } from './policy.ts';
import type { Policy } from './policy.ts';
import { redacting } from './redact.ts';

/**
 * Content leaves without the credentials and the personal data that `sluice/redaction` finds, and
 * so do names, metadata and errors. Audio does not leave. What it cannot find (people's names,
 * street addresses, free text on health) is listed in docs/privacy.md.
 */
export const redacted: Policy = /* @__PURE__ */ everythingRedacted();

/** As `definePolicy()` would make it, without its machinery for rows and paths. */
function everythingRedacted(): Policy {
  const redactor = redacting(createRedactor());
  const ofModels: Treatment = {
    ...redactor,
    decision: 'redact, parts differ',
    later: async (field, key, value, budget, identify) =>
      redactor.later(field, key, await withoutAudio(value, identify), budget, identify),
  };
  const judge: Matrix['judge'] = ({ class: of }) =>
    of === 'audio' ? 'drop' : of === 'model' ? ofModels : redactor;
  const matrix = { judge, isBare: false, maxCharacters: MAX_REDACTED_CHARACTERS };
  return uniform('redacted', { ...matrix, names: namesJudge(judge) });
}
