/** Two rows of a list can be compared, not one and not three. */
export function setUpCompare(): void {
  const update = (): void => {
    const chosen = document.querySelectorAll('input[name=t]:checked').length;
    const button = document.querySelector<HTMLButtonElement>('[data-compare]');
    if (!button) return;
    button.disabled = chosen !== 2;
    button.textContent =
      chosen === 2
        ? 'Compare the two'
        : `Compare (choose ${2 - Math.min(chosen, 2) || 'only two'})`;
  };
  document.addEventListener('change', update);
  update();
}
