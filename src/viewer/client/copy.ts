/** The button that copies what is below it. */
import { begin, say } from './page.ts';

export function setUpCopy(): void {
  reveal();
  document.addEventListener('panel', reveal);
  document.addEventListener('click', (event) => {
    const button = (event.target as Element).closest('[data-copy]');
    if (button) begin(copy(button));
  });
}

/** The page has it hidden, as without the script it would do nothing. */
function reveal(): void {
  for (const button of document.querySelectorAll<HTMLElement>('[data-copy]')) button.hidden = false;
}

async function copy(button: Element): Promise<void> {
  const text = button.closest('details')?.querySelector('pre')?.textContent ?? '';
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = 'Copied';
    say('Copied');
  } catch {
    // The browser does not say more than that it may not.
    button.textContent = 'Select and copy by hand';
  }
}
