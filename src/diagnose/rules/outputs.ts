import { wholeJson } from '../../model/json-text.ts';
import { succeeded } from '../answers.ts';
import { isAfter } from '../recovery.ts';
import type { Rule, Sighting } from '../rule.ts';
import { fieldsOf } from '../step.ts';
import type { Step } from '../step.ts';
import { groupBy } from '../view.ts';
import type { TraceView } from '../view.ts';
import { share, toolName } from '../words.ts';

/** What was read of the output before any policy changed it comes first. */
function isMalformed(step: Step): boolean {
  if (!succeeded(step)) return false;
  if (step.facts.outputValid !== undefined) return !step.facts.outputValid;
  return wholeJson(step.output) === false || fieldsOf(step.output)['$dropped'] === 'unserializable';
}

function malformed({ tools }: TraceView): Sighting[] {
  return [...groupBy(tools, ({ name }) => name ?? '').values()].flatMap((calls) => {
    const evidence = calls.filter(isMalformed);
    const last = evidence.at(-1);
    if (!last) return [];
    const again = calls.findLast((step) => succeeded(step) && !isMalformed(step));
    const title = `Tool ${toolName(last)} gave output that begins as JSON and is none${share(evidence.length, calls.length)}.`;
    return [{ title, evidence, recovered: again !== undefined && isAfter(again, last) }];
  });
}

export const toolOutputMalformed: Rule = {
  name: 'tool_output_malformed',
  severity: 'warning',
  claims:
    'A tool that raised no error gave a text that begins as JSON and cannot be read as it, or something that has no JSON.',
  cannot:
    'It cannot say whether output that can be read is right or whole, nor whether the model minded. Output that is no JSON from its beginning is taken for text.',
  find: malformed,
};
