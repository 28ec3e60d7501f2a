/** SQLite ends a JSON string at a NUL, and half a surrogate pair is not UTF-8: a key with either could not be found again. */
export function storable(text: string): string {
  return text.replace(/\0|\p{Surrogate}/gu, '\uFFFD');
}
