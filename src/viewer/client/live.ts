/** A list that is fetched again while somebody looks at it. */
import { fetchPart } from './page.ts';

export function setUpLive(): void {
  const seconds = Number(document.querySelector('[data-live]')?.getAttribute('data-live'));
  if (!seconds) return;
  const update = async (): Promise<void> => {
    if (document.hidden || document.activeElement?.closest('form.filters, table.traces, form.jump'))
      return;
    const part = await fetchPart(location.href);
    const [now, next] = [document, part].map((page) => page.getElementById('main'));
    if (now && next) now.replaceChildren(...next.childNodes);
  };
  setInterval(() => {
    // One that fails is followed by the next; the page stays as it was.
    update().catch(() => undefined);
  }, seconds * 1_000);
}
