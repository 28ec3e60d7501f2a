import type { z } from 'zod';

/** What is wrong with an option and where, from zod's answer: one sentence without its period. */
export function issueText(error: z.ZodError, at: readonly PropertyKey[] = []): string {
  const { issues } = error;
  // A misspelt option is what its missing namesake comes from.
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0];
  const isUnknown = issue?.code === 'unrecognized_keys';
  const path = [...at, ...(issue?.path ?? []), ...(isUnknown ? issue.keys.slice(0, 1) : [])]
    .map((key) => String(key).slice(0, 64))
    .join('.');
  const what = isUnknown ? 'is unknown; check its spelling' : issue?.message;
  return `${path ? `\`${path}\`` : 'object'}: ${what}`;
}
