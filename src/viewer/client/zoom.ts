/** Zooms the axis: all bars are drawings of the whole of it, so only what is seen of them changes. */
import { setParam } from './page.ts';

const UNITS = 1_000;
const MIN_UNITS = 2;

let shown: [from: number, to: number] = [0, UNITS];

export function setUpZoom(tree: HTMLTableElement): void {
  const [from = 0, to = UNITS] = (tree.getAttribute('data-zoom') ?? '').split('-').map(Number);
  shown = [from, to];
  const tools = document.querySelector<HTMLElement>('[data-zoom-tools]');
  if (tools) tools.hidden = false;
  for (const button of document.querySelectorAll('[data-zoom-by]')) {
    button.addEventListener('click', () =>
      zoomBy(tree, Number(button.getAttribute('data-zoom-by')), middle()),
    );
  }
  document
    .querySelector('[data-zoom-reset]')
    ?.addEventListener('click', () => show(tree, 0, UNITS));
  tree.addEventListener('keydown', (event) => onKey(event, tree));
  tree.addEventListener('wheel', (event) => onWheel(event, tree), { passive: false });
}

const middle = (): number => (shown[0] + shown[1]) / 2;

/** Around the bar of the row that has the focus. */
function focused(): number {
  const bar = document.activeElement?.closest('tr')?.querySelector('rect.whole');
  if (!bar) return middle();
  return Number(bar.getAttribute('x')) + Number(bar.getAttribute('width')) / 2;
}

function onKey(event: KeyboardEvent, tree: HTMLTableElement): void {
  if (event.metaKey || event.ctrlKey || event.altKey) return;
  const width = shown[1] - shown[0];
  if (event.key === '+' || event.key === '=') zoomBy(tree, 0.5, focused());
  else if (event.key === '-') zoomBy(tree, 2, focused());
  else if (event.key === '0') show(tree, 0, UNITS);
  else if (event.key === 'h') show(tree, shown[0] - width / 4, shown[1] - width / 4);
  else if (event.key === 'l') show(tree, shown[0] + width / 4, shown[1] + width / 4);
  else return;
  event.preventDefault();
}

function onWheel(event: WheelEvent, tree: HTMLTableElement): void {
  const bar = (event.target as Element).closest('td.times');
  if (!bar || !event.ctrlKey) return;
  event.preventDefault();
  const { left, width } = bar.getBoundingClientRect();
  const at = shown[0] + ((event.clientX - left) / width) * (shown[1] - shown[0]);
  zoomBy(tree, event.deltaY > 0 ? 1.25 : 0.8, at);
}

function zoomBy(tree: HTMLTableElement, factor: number, around: number): void {
  const width = Math.min(UNITS, Math.max(MIN_UNITS, (shown[1] - shown[0]) * factor));
  show(tree, around - width / 2, around + width / 2);
}

function show(tree: HTMLTableElement, from: number, to: number): void {
  const width = to - from;
  const start = Math.min(Math.max(0, from), UNITS - width);
  shown = [Math.round(start), Math.max(Math.round(start + width), Math.round(start) + MIN_UNITS)];
  const isWhole = shown[0] <= 0 && shown[1] >= UNITS;
  setParam('zoom', isWhole ? undefined : shown.join('-'));
  const body = tree.tBodies[0];
  if (body) applyZoom(body);
  for (const tick of tree.querySelectorAll('[data-tick]')) {
    const share = Number(tick.getAttribute('data-tick'));
    const ms = Number(tick.getAttribute('data-ms'));
    tick.textContent = duration(((shown[0] + share * (shown[1] - shown[0])) / UNITS) * ms);
  }
}

/** Also for rows that have come since. */
export function applyZoom(body: HTMLTableSectionElement): void {
  const [from, to] = shown;
  for (const bar of body.querySelectorAll('svg.bar'))
    bar.setAttribute('viewBox', `${from} 0 ${to - from} 10`);
}

/** As the server writes it, for the times that occur on an axis. */
function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${(ms / 1_000).toFixed(2)} s`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.floor((ms % 60_000) / 1_000)} s`;
}
