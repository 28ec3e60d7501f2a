import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../src/redaction/redactor.ts';
import { patternDetector } from '../../src/redaction/pattern.ts';

describe('a detector from an expression', () => {
  it('finds each match, beside the built-in detectors', async () => {
    const badge = await patternDetector({ name: 'badge', pattern: 'B-[0-9]{3}' });
    const { text } = createRedactor({ custom: [badge] });
    expect(text('B-123, B-456 and b-789 of a@corp.example')).toBe(
      '[badge], [badge] and b-789 of [email]',
    );
  });

  it('may ignore case', async () => {
    const badge = await patternDetector({ name: 'badge', pattern: 'b-[0-9]+', ignoreCase: true });
    expect(createRedactor({ custom: [badge] }).text('B-1 b-2')).toBe('[badge] [badge]');
  });

  it('stays linear where a backtracking engine would not', async () => {
    const slow = await patternDetector({ name: 'slow', pattern: '(a+)+b' });
    const { text } = createRedactor({ custom: [slow] });
    expect(text('a'.repeat(5_000))).toBe('a'.repeat(5_000));
  });

  it('refuses what is no expression of RE2, and says why', async () => {
    await expect(patternDetector({ name: 'ahead', pattern: '(?=a)' })).rejects.toThrow(
      expect.objectContaining({
        code: 'invalid_option',
        message: expect.stringContaining('`ahead`'),
      }),
    );
  });

  it('takes an empty match for no finding', async () => {
    const empty = await patternDetector({ name: 'empty', pattern: 'x*' });
    expect(createRedactor({ custom: [empty] }).text('axxb')).toBe('a[empty]b');
  });
});
