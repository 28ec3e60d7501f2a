import { describe, expect, it } from 'vitest';
import { isWorkflowName, UNNAMED_WORKFLOW, WORKFLOW_RULE } from '../../src/identity/workflow.ts';
import { SluiceError } from '../../src/model/errors.ts';
import { resolveOptions } from '../../src/options.ts';

const start = (workflow: unknown): unknown => resolveOptions({ workflow, exporters: () => [] });

describe('a workflow name', () => {
  it.each(['support_triage', 'a1', 'x'.repeat(64), UNNAMED_WORKFLOW])('may be %s', (name) => {
    expect(isWorkflowName(name)).toBe(true);
    expect(() => start(name)).not.toThrow();
  });

  it.each([
    ['the default of the SDK', 'Agent workflow'],
    ['user text', 'Where is my order?'],
    ['too long', 'x'.repeat(65)],
    ['too short', 'a'],
    ['empty', ''],
    ['in unicode', 'unterstützung'],
    ['a lookalike of ASCII', 'suppоrt'],
    ['followed by a line break', 'support\n'],
    ['in capitals', 'Support'],
    ['one that begins with a digit', '1support'],
    ['one with a hyphen', 'support-triage'],
    ['no text', undefined],
    ['an object', { toString: (): string => 'support' }],
  ])('may not be %s', (_what, name) => {
    expect(isWorkflowName(name)).toBe(false);
    expect(() => start(name)).toThrow(SluiceError);
  });

  it('that is refused is named with the reason and the fix', () => {
    for (const name of ['Agent workflow', 'Where is my order?', undefined])
      expect(() => start(name)).toThrow(`option \`workflow\`: ${WORKFLOW_RULE}`);
    expect(WORKFLOW_RULE).toMatch(
      /stable snake_case name of 2 to 64 characters such as "support_triage"/,
    );
    expect(WORKFLOW_RULE).toMatch(/never user text nor the SDK's "Agent workflow"/);
  });
});
