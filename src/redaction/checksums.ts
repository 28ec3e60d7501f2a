/** Check digits that tell a real number from one that only looks like it. */

/** ISO/IEC 7812, the check digit of payment cards; what is no digit stands between. */
export function passesLuhn(number: string): boolean {
  let sum = 0;
  let isDoubled = false;
  for (let place = number.length - 1; place >= 0; place -= 1) {
    const digit = number.charCodeAt(place) - 48;
    if (digit < 0 || digit > 9) continue;
    sum += isDoubled ? digit * 2 - (digit > 4 ? 9 : 0) : digit;
    isDoubled = !isDoubled;
  }
  return sum % 10 === 0;
}

/** ISO/IEC 7064 MOD 97-10, the check digits of an IBAN without its blanks. */
export function passesMod97(iban: string): boolean {
  const moved = iban.slice(4) + iban.slice(0, 4);
  let rest = 0;
  for (const character of moved) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}
