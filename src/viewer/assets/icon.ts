/** The same mark as in the header of the pages. */
export const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#0b6e6e"/><path d="M4 4v8M12 4v8M4 6h8M4 8h5M4 10h8" stroke="#fff" stroke-width="1.3" fill="none"/></svg>';
