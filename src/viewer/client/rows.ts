/** Rows of the waterfall: a list, of which levels make a tree. */

export const levelOf = (row: Element): number => Number(row.getAttribute('data-level'));

/** Whether the rows below it are shown; undefined where it has none. */
export function isOpen(row: Element): boolean | undefined {
  const value = row.getAttribute('aria-expanded');
  return value === null ? undefined : value === 'true';
}

/** The next row that is not hidden, down or up. */
export function shown(row: HTMLTableRowElement, step: 1 | -1): HTMLTableRowElement | undefined {
  let at: Element | null = row;
  do at = step === 1 ? at.nextElementSibling : at.previousElementSibling;
  while (at instanceof HTMLTableRowElement && at.hidden);
  return at instanceof HTMLTableRowElement ? at : undefined;
}

export function parentOf(row: HTMLTableRowElement): HTMLTableRowElement | undefined {
  let at: Element | null = row;
  do at = at.previousElementSibling;
  while (at && levelOf(at) >= levelOf(row));
  return at instanceof HTMLTableRowElement ? at : undefined;
}

/** Whether any have come yet, shown or not. */
export function hasRowsBelow(row: HTMLTableRowElement): boolean {
  const next = row.nextElementSibling;
  return next !== null && levelOf(next) > levelOf(row);
}

/**
 * Hides what is below a closed row, and shows all else. It looks at every row, as what
 * is above an added row may have been closed while it was on its way.
 */
export function hideClosed(body: HTMLTableSectionElement): void {
  let closed = Number.POSITIVE_INFINITY;
  for (const row of body.rows) {
    const level = levelOf(row);
    row.hidden = level > closed;
    if (row.hidden) continue;
    closed = isOpen(row) === false ? level : Number.POSITIVE_INFINITY;
  }
}

/** @returns rows from the server, which has escaped all that came from elsewhere */
export async function fetchRows(address: string): Promise<HTMLTableRowElement[]> {
  const answer = await fetch(new URL(address, location.href), { headers: { accept: 'text/html' } });
  if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
  // Rows alone are no table to a parser, so they come in one.
  const holder = document.createElement('template');
  holder.innerHTML = `<table><tbody>${await answer.text()}</tbody></table>`;
  return [...(holder.content.querySelector('tbody')?.rows ?? [])];
}
