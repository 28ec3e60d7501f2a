/** Which requests a soak makes: the cases of the conformance suite, drawn by a seed. */
import type { Case } from '../../test/conformance/case.ts';

/** Cases that wait for a deadline or a sink's recovery: as rare as in life, or the soak would be nothing but waiting. */
const SLOW_SHARE = 0.06;

/** 300 KB each; a few show all that there is to see. */
const LARGE_SHARE = 0.01;

/** Uniform in [0, 1), the same for the same seed (mulberry32). */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d_2b_79_f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Single requests whose spans something durable has to hold, each exactly once. */
function isForSoak({ handler, crowd, destination = 'sink', mayFail = [] }: Case): boolean {
  const isRequest = handler === 'middleware' || handler === 'fetch';
  return isRequest && !crowd && (mayFail.length === 0 || destination === 'sink-and-queue');
}

function isSlow({ deadline, weather = {} }: Case): boolean {
  return deadline === 'short' || Object.values(weather).some(({ always }) => always !== undefined);
}

/** @returns a case at random, slow and large ones seldom. */
export function drawFrom(cases: readonly Case[], random: () => number): () => Case {
  const pool = cases.filter(isForSoak);
  const large = pool.filter(({ plot }) => plot === 'large tool');
  const slow = pool.filter((given) => isSlow(given));
  const usual = pool.filter((given) => !slow.includes(given) && !large.includes(given));
  const pick = (from: readonly Case[]): Case => {
    const given = from[Math.floor(random() * from.length)];
    if (!given) throw new Error('there is no such case to draw');
    return given;
  };
  return () => {
    const roll = random();
    if (roll < SLOW_SHARE) return pick(slow);
    return pick(roll < SLOW_SHARE + LARGE_SHARE ? large : usual);
  };
}
