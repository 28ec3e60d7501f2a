/** Secrets to plant. They are made anew for each run, so that what is found is of this run. */
import { randomBytes } from 'node:crypto';

export interface PlantedSecret {
  /** Where it is put. */
  place: 'prompt' | 'tool error' | 'authorization header' | 'group id header' | 'metadata';
  value: string;
  /** The random part: no other bytes on this machine contain it. */
  needle: string;
}

/** Well-known token prefixes, encoded so that no scanner takes this file for a leak. */
const PREFIXES: Record<PlantedSecret['place'], string> = {
  prompt: 'c2stcHJvai0=',
  'tool error': 'cmtfbGl2ZV8=',
  'authorization header': 'QmVhcmVyIHNrLQ==',
  'group id header': 'Z2hwXw==',
  metadata: 'c2tfbGl2ZV8=',
};

export type PlantedSecrets = Record<PlantedSecret['place'], PlantedSecret>;

export function makeSecrets(): PlantedSecrets {
  const entries = Object.entries(PREFIXES).map(([place, prefix]) => {
    const needle = randomBytes(18).toString('hex');
    return [place, { place, needle, value: Buffer.from(prefix, 'base64').toString() + needle }];
  });
  return Object.fromEntries(entries) as PlantedSecrets;
}
