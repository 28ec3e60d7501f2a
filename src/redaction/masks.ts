/** Masks in a text: what stands for something that was taken out is never looked into again. */
import type { Finding } from './finding.ts';

const MASK = /\[([a-z][a-z0-9_]{1,39})(?::[*#][A-Za-z0-9]{1,64})?\]/y;

/** Where the mask ends that begins at a bracket; `at` where none does. */
export function maskEnd(text: string, at: number, names: ReadonlySet<string>): number {
  MASK.lastIndex = at;
  const name = MASK.exec(text)?.[1];
  return name !== undefined && names.has(name) ? MASK.lastIndex : at;
}

/** The places of all masks in a text, in order. */
export function masksIn(text: string, names: ReadonlySet<string>): Finding[] {
  const masks: Finding[] = [];
  let at = text.indexOf('[');
  while (at !== -1) {
    const end = maskEnd(text, at, names);
    if (end > at) masks.push({ start: at, end, name: '' });
    at = text.indexOf('[', Math.max(end, at + 1));
  }
  return masks;
}

/** Findings in order and apart: those that touch become one, masks stay whole, and what is a mask already is left out. */
export function settled(findings: Finding[], masks: readonly Finding[]): Finding[] {
  const merged: Finding[] = [];
  findings.sort((a, b) => a.start - b.start || b.end - a.end);
  for (const finding of findings) {
    const last = merged.at(-1);
    if (last === undefined || finding.start >= last.end) merged.push({ ...finding });
    else {
      // The longer one knows better what it is.
      if (finding.end - finding.start > last.end - last.start) last.name = finding.name;
      last.end = Math.max(last.end, finding.end);
    }
  }
  return masks.length === 0 ? merged : aroundMasks(merged, masks);
}

function aroundMasks(findings: readonly Finding[], masks: readonly Finding[]): Finding[] {
  const kept: Finding[] = [];
  let place = 0;
  for (const { start, end, name } of findings) {
    while ((masks[place]?.end ?? Infinity) <= start) place += 1;
    const widened = { start, end, name };
    let isMask = false;
    for (let at = place; (masks[at]?.start ?? Infinity) < widened.end; at += 1) {
      const mask = masks[at] ?? widened;
      isMask ||= mask.start <= widened.start && mask.end >= widened.end;
      widened.start = Math.min(widened.start, mask.start);
      widened.end = Math.max(widened.end, mask.end);
    }
    if (isMask) continue;
    const last = kept.at(-1);
    if (last && last.end > widened.start) last.end = Math.max(last.end, widened.end);
    else kept.push(widened);
  }
  return kept;
}
