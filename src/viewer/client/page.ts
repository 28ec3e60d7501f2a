/** Parts of pages from the server, and what a screen reader is told. */

/** @returns the answer's nodes; the server has escaped all that came from elsewhere */
export async function fetchPart(address: string, signal?: AbortSignal): Promise<Document> {
  const answer = await fetch(address, { headers: { accept: 'text/html' }, signal });
  if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
  return new DOMParser().parseFromString(await answer.text(), 'text/html');
}

export function say(text: string): void {
  const status = document.getElementById('status');
  if (status) status.textContent = text;
}

/** Changes what the address shows without a step in the history for each row. */
export function setParam(name: string, value: string | undefined): void {
  const url = new URL(location.href);
  if (value === undefined) url.searchParams.delete(name);
  else url.searchParams.set(name, value);
  history.replaceState(null, '', url);
}

/** For what is begun by an event: what goes wrong is said, not lost. */
export function begin(work: Promise<unknown>): void {
  work.catch((error: unknown) => say(`That did not work: ${String(error)}`));
}
