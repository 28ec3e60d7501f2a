import type { Output } from '../../../scripts/start/output.ts';

/** An output without colours that keeps its lines. */
export function recordingOutput(): Output & { lines: string[] } {
  const lines: string[] = [];
  const line = (text = ''): void => void lines.push(text);
  return {
    lines,
    line,
    paint: (_, text) => text,
    step: (text) => line(`# ${text}`),
    tick: (text) => line(`… ${text}`),
    ok: (text) => line(`✓ ${text}`),
    bad: (text) => line(`✗ ${text}`),
  };
}
