/** The waterfall as a tree: rows open and close, keys walk it, the selected one's details come along. */
import { begin, fetchPart, say, setParam } from './page.ts';
import { fetchRows, hasRowsBelow, hideClosed, isOpen, levelOf, parentOf, shown } from './rows.ts';
import { applyZoom } from './zoom.ts';

export function setUpTree(tree: HTMLTableElement): void {
  const body = tree.tBodies[0];
  if (!body) return;
  for (const row of body.rows) prepare(row);
  const first = body.querySelector<HTMLTableRowElement>('tr[aria-selected=true]') ?? body.rows[0];
  if (first) first.tabIndex = 0;
  const keys = document.querySelector<HTMLElement>('[data-keys]');
  if (keys) keys.hidden = false;
  body.addEventListener('click', (event) => onClick(event, body));
  body.addEventListener('keydown', (event) => onKey(event, body));
}

/** One row at a time is in the order of tabs; links within are reached by its keys. */
function prepare(row: HTMLTableRowElement): void {
  row.tabIndex = -1;
  for (const link of row.querySelectorAll('a')) link.tabIndex = -1;
}

function onClick(event: MouseEvent, body: HTMLTableSectionElement): void {
  // A click that asks for another tab is the browser's.
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
  const target = event.target as Element;
  const row = target.closest('tr');
  if (!row || !body.contains(row) || target.closest('[data-page]')) return;
  event.preventDefault();
  focusRow(row, body);
  if (target.closest('[data-toggle]')) begin(toggle(row, body));
  else choose(row, body);
}

function onKey(event: KeyboardEvent, body: HTMLTableSectionElement): void {
  const row = (event.target as Element).closest('tr');
  if (!row || event.metaKey || event.ctrlKey || event.altKey) return;
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act(row, body);
}

type Act = (row: HTMLTableRowElement, body: HTMLTableSectionElement) => void;

const KEYS: Record<string, Act> = {
  ArrowDown: (row, body) => focusRow(shown(row, 1), body),
  ArrowUp: (row, body) => focusRow(shown(row, -1), body),
  j: (row, body) => focusRow(shown(row, 1), body),
  k: (row, body) => focusRow(shown(row, -1), body),
  Home: (_row, body) => focusRow(body.rows[0], body),
  End: (_row, body) =>
    focusRow(
      [...body.rows].findLast((row) => !row.hidden),
      body,
    ),
  ArrowRight(row, body) {
    if (isOpen(row) === false) begin(toggle(row, body));
    else if (isOpen(row)) focusRow(shown(row, 1), body);
  },
  ArrowLeft(row, body) {
    if (isOpen(row)) begin(toggle(row, body));
    else focusRow(parentOf(row), body);
  },
  Enter: choose,
  ' ': choose,
};

/** What Enter does: further rows come, the span is shown, or the link is followed. */
function choose(row: HTMLTableRowElement, body: HTMLTableSectionElement): void {
  const page = row.querySelector<HTMLElement>('[data-page]');
  if (row.classList.contains('more')) begin(more(row, body));
  else if (page) page.click();
  else begin(select(row, body));
}

function focusRow(row: HTMLTableRowElement | undefined, body: HTMLTableSectionElement): void {
  if (!row) return;
  const before = body.querySelector<HTMLTableRowElement>('tr[tabindex="0"]');
  if (before) before.tabIndex = -1;
  row.tabIndex = 0;
  row.focus();
}

async function toggle(row: HTMLTableRowElement, body: HTMLTableSectionElement): Promise<void> {
  const open = isOpen(row);
  if (open === undefined || row.hasAttribute('aria-busy')) return;
  if (!open && !hasRowsBelow(row)) {
    const id = row.getAttribute('data-id') ?? '';
    const rows = rowsAddress({ parent: id, level: String(levelOf(row) + 1), rows: '0-9999999' });
    // What could not be read stays closed, so that it can be tried again.
    if (!(await insert(row, rows, body))) return;
  }
  row.setAttribute('aria-expanded', String(!open));
  hideClosed(body);
}

/** The address of rows of this page, with its own match and range. */
function rowsAddress(params: Record<string, string>): string {
  const url = new URL(location.href);
  for (const [name, value] of Object.entries(params)) url.searchParams.set(name, value);
  const end = url.pathname.lastIndexOf('/');
  url.pathname = `${url.pathname.slice(0, end)}/-/rows${url.pathname.slice(end)}`;
  return url.href;
}

async function more(row: HTMLTableRowElement, body: HTMLTableSectionElement): Promise<void> {
  const address = row.querySelector('[data-rows]')?.getAttribute('data-rows');
  if (!address || row.hasAttribute('aria-busy')) return;
  if (!(await insert(row, address, body))) return;
  const first = row.nextElementSibling as HTMLTableRowElement;
  // Whoever walked on meanwhile is not called back.
  if (row.contains(document.activeElement)) focusRow(first, body);
  else first.tabIndex = row.tabIndex;
  row.remove();
  hideClosed(body);
}

/** @returns whether there are rows after the row that were not there */
async function insert(
  row: HTMLTableRowElement,
  address: string,
  body: HTMLTableSectionElement,
): Promise<boolean> {
  row.setAttribute('aria-busy', 'true');
  try {
    const rows = await fetchRows(address);
    for (const added of rows) prepare(added);
    row.after(...rows);
    applyZoom(body);
    say(`${rows.length} rows added`);
    return rows.length > 0;
  } catch (error) {
    say(`The rows could not be read: ${(error as Error).message}`);
    return false;
  } finally {
    row.removeAttribute('aria-busy');
  }
}

let wanted = 0;

async function select(row: HTMLTableRowElement, body: HTMLTableSectionElement): Promise<void> {
  const id = row.getAttribute('data-id');
  const panel = document.getElementById('panel');
  if (!id || !panel) return;
  for (const other of body.querySelectorAll('tr[aria-selected=true]')) {
    other.setAttribute('aria-selected', 'false');
    other.classList.remove('is-selected');
  }
  row.setAttribute('aria-selected', 'true');
  row.classList.add('is-selected');
  setParam('span', id);
  wanted += 1;
  const mine = wanted;
  panel.setAttribute('aria-busy', 'true');
  try {
    const url = new URL(location.href);
    const end = url.pathname.lastIndexOf('/');
    const part = await fetchPart(
      `${url.pathname.slice(0, end)}/-/span${url.pathname.slice(end)}/${encodeURIComponent(id)}`,
    );
    // Whoever walks on does not wait for what they have left.
    if (mine !== wanted) return;
    panel.replaceChildren(...part.body.childNodes);
    document.dispatchEvent(new Event('panel'));
  } catch (error) {
    if (mine === wanted)
      panel.textContent = `This span could not be read: ${(error as Error).message} Reload the page to try again.`;
  } finally {
    if (mine === wanted) panel.removeAttribute('aria-busy');
  }
}
