/** A list that is fetched again while somebody looks at it. */
import { fetchPart } from './page.ts';

/** An answer that has not come by then does not come. */
const TIMEOUT_MS = 30_000;

export function setUpLive(): void {
  const seconds = Number(document.querySelector('[data-live]')?.getAttribute('data-live'));
  if (!seconds) return;
  // The next is begun when the last has ended, so that no answer comes after a newer one.
  const wait = (): void => {
    setTimeout(() => {
      // One that fails is followed by the next; the page stays as it was.
      update()
        .catch(() => undefined)
        .finally(wait);
    }, seconds * 1_000);
  };
  wait();
}

async function update(): Promise<void> {
  if (document.hidden || isInUse()) return;
  const part = await fetchPart(location.href, AbortSignal.timeout(TIMEOUT_MS));
  // A row may have been marked while the answer was on its way.
  if (isInUse()) return;
  const [now, next] = [document, part].map((page) => page.getElementById('main'));
  if (!now || !next) return;
  const filters = now.querySelector('form.filters');
  if (filters) next.querySelector('form.filters')?.replaceWith(filters);
  const focused = now.contains(document.activeElement) ? document.activeElement : null;
  const way = focused && wayTo(focused, now);
  now.replaceChildren(...next.childNodes);
  if (focused && way) focusAgain(focused, way, now);
  // What depends on the rows that are marked looks again.
  document.dispatchEvent(new Event('change'));
}

/** What is chosen or marked is not taken from somebody's hands; what is typed stays in its form. */
function isInUse(): boolean {
  const form = document.activeElement?.closest('form.filters, table.traces, form.jump');
  return Boolean(form ?? document.querySelector('input[name=t]:checked'));
}

/** Its place among the children of each above it, from the top. */
function wayTo(element: Element, top: Element): number[] {
  const way: number[] = [];
  for (let at = element; at !== top && at.parentElement; at = at.parentElement)
    way.unshift([...at.parentElement.children].indexOf(at));
  return way;
}

/** Focuses what leads where the focused did, or stands where it stood. */
function focusAgain(focused: Element, way: readonly number[], top: HTMLElement): void {
  const address = focused.getAttribute('href');
  const same =
    address === null
      ? undefined
      : [...top.querySelectorAll('a')].find((link) => link.getAttribute('href') === address);
  const there = way.reduce<Element | undefined>((at, index) => at?.children[index], top);
  const target = same ?? (there?.tagName === focused.tagName ? there : top);
  (target as HTMLElement).focus({ preventScroll: true });
}
