/** The keys of the waterfall, which are the script's: it shows this. */
import type { Html } from '../../html.ts';

const KEYS: readonly (readonly [keys: readonly string[], does: string])[] = [
  [['↑', '↓'], 'walk'],
  [['←', '→'], 'close and open'],
  [['Enter'], 'show'],
  [['+', '−', '0'], 'zoom'],
  [['h', 'l'], 'move along'],
];

export function Keys(): Html {
  return (
    <p class="keys" data-keys hidden>
      {KEYS.map(([keys, does]) => (
        <span>
          {keys.map((key) => (
            <>
              <kbd>{key}</kbd>{' '}
            </>
          ))}
          {does}
        </span>
      ))}
    </p>
  );
}
