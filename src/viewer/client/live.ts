/** A list that is fetched again while somebody looks at it. */
import { fetchPart } from './page.ts';

export function setUpLive(): void {
  const seconds = Number(document.querySelector('[data-live]')?.getAttribute('data-live'));
  if (!seconds) return;
  const update = async (): Promise<void> => {
    if (document.hidden || isInUse()) return;
    const part = await fetchPart(location.href);
    const [now, next] = [document, part].map((page) => page.getElementById('main'));
    if (!now || !next) return;
    now.replaceChildren(...next.childNodes);
    // What depends on the rows that are marked looks again.
    document.dispatchEvent(new Event('change'));
  };
  setInterval(() => {
    // One that fails is followed by the next; the page stays as it was.
    update().catch(() => undefined);
  }, seconds * 1_000);
}

/** What is typed, chosen or marked is not taken from somebody's hands. */
function isInUse(): boolean {
  const form = document.activeElement?.closest('form.filters, table.traces, form.jump');
  return Boolean(form ?? document.querySelector('input[name=t]:checked'));
}
