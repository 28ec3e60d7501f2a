import { describe, expect, it } from 'vitest';
// oxlint-disable-next-line import/no-unassigned-import -- it registers the matchers, as an application's setup file would
import 'sluice/testing/vitest';
import { captureTraces } from '../../src/testing/capture-traces.ts';
import { traceMatchers } from '../../src/testing/matchers.ts';
import { scripted, send, toolThenText, tracedApp } from '../support/app.ts';
import type { Options } from '../support/app.ts';
import { flushedOf, reportOf, spanOf } from './records.ts';

async function flushedRun(options: Options) {
  using traces = captureTraces();
  const { app } = tracedApp(options);
  app.get('/', async (c) => {
    const { runner, agent } = scripted(toolThenText);
    return c.text((await runner.run(agent, 'Where is "A-1"?')).finalOutput ?? '');
  });
  await (await send(app)).text();
  return await traces.flushed();
}

describe('content, where there is nothing to look at', () => {
  const why = /^No .+ was handed to any destination, so nothing shows which content leaves/;

  it.each<[string, Options]>([
    ['no exporter', { exporters: () => [] }],
    ['everything sampled out', { sampling: { head: 0 } }],
  ])('is neither absent nor present: %s', async (_what, options) => {
    const flushed = await flushedRun(options);
    expect(() => expect(flushed).toHaveNoContent()).toThrow(why);
    expect(() => expect(flushed).not.toHaveNoContent()).toThrow(why);
    expect(() => expect(flushed).toContainContent('A-1')).toThrow(why);
    expect(() => expect(flushed).not.toContainContent('A-1')).toThrow(why);
  });

  it('has metadata alone to look for a text in, and no span to have no content', () => {
    const flushed = flushedOf([]);
    expect(flushed).not.toContainContent('A-1');
    expect(() => expect(flushed).toHaveNoContent()).toThrow(/^No span was handed/);
  });

  it.each([[[]], [['']], [[' ']], [['A-1', '']], [[undefined]], [[7]]])(
    'is not looked for by %o',
    (texts) => {
      const flushed = flushedOf([spanOf('agent Support')]);
      const wrong =
        /^toContainContent\(\) takes at least one text to look for, and none that is empty/;
      expect(() => expect(flushed).not.toContainContent(...(texts as string[]))).toThrow(wrong);
      expect(() => expect(flushed).toContainContent(...(texts as string[]))).toThrow(wrong);
    },
  );
});

describe('spans, where no destination was handed any', () => {
  const flushed = { ...flushedOf([]), destinations: {} };

  it('are said to be missing for that', () => {
    const why = ', but no destination was handed anything\n\n- expected, + received\n\n- agent';
    expect(() => expect(flushed).toHaveSpans(['agent'])).toThrow(
      `expected these spans in any order${why}`,
    );
    expect(() => expect(flushed).toHaveSpanTree('agent')).toThrow(
      `expected this tree of spans${why}`,
    );
    expect(flushed).toHaveSpans([]);
  });
});

describe('a wrong argument', () => {
  const flushed = flushedOf([spanOf('agent Support')], reportOf());

  it.each([
    ['toHaveSpans', ['agent'], `an array of labels, such as ['agent', 'function lookup_order']`],
    ['toHaveSpans', [['agent', 7]], 'it was given ["agent", 7]'],
    ['toHaveSpanTree', [['agent']], 'a text with one span a line; it was given ["agent"]'],
    ['toHaveExported', ['memory', '7'], 'a whole number, second; it was given "7"'],
    ['toHaveExported', ['memory', -1], 'it was given -1'],
    ['toHaveExported', [7], 'the name of an exporter first; it was given 7'],
    [
      'toHaveFlushed',
      ['cancelled'],
      'one of response, stream-end, cancel, error, deadline, step, late; it was given "cancelled"',
    ],
    ['toHaveFlushed', ['toString'], 'it was given "toString"'],
    ['toHaveOutcome', [undefined], 'the name of an outcome first; it was given undefined'],
    ['toHaveOutcome', ['refund', 'no'], 'true or false second; it was given "no"'],
    ['toHaveOutcome', ['refund', true, {}], 'third; it was given an object'],
  ] as const)('of %s() is refused with what to pass: %j', (matcher, args, why) => {
    const call = traceMatchers[matcher] as (received: unknown, ...rest: unknown[]) => unknown;
    expect(() => call(flushed, ...args)).toThrow(TypeError);
    expect(() => call(flushed, ...args)).toThrow(why);
  });

  it('fails the negated assertion as well', () => {
    const wrong = 'cancelled' as 'cancel';
    expect(() => expect(flushed).not.toHaveFlushed(wrong)).toThrow('one of response');
  });
});
