import { describe, expect, it } from 'vitest';
// oxlint-disable-next-line import/no-unassigned-import -- it registers the matchers, as an application's setup file would
import 'sluice/testing/vitest';
import { full } from '../../src/policy/policy.ts';
import { captureTraces } from '../../src/testing/capture-traces.ts';
import { failing } from '../../src/testing/faults.ts';
import { traceMatchers } from '../../src/testing/matchers.ts';
import { scripted, send, toolThenText, tracedApp } from '../support/app.ts';
import type { Options } from '../support/app.ts';
import { flushedOf, reportOf, spanOf } from './records.ts';

/** What a failed assertion says. */
function failure(assertion: () => unknown): string {
  try {
    assertion();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('the assertion passed');
}

const lines = (...text: string[]): string => text.join('\n');

describe('toHaveFlushed()', () => {
  it('passes for a flush of a trace, and for its reason', () => {
    const flushed = flushedOf([], reportOf({ reason: 'step' }), reportOf({ reason: 'stream-end' }));
    expect(flushed).toHaveFlushed();
    expect(flushed).toHaveFlushed('step');
    expect(flushed).not.toHaveFlushed('deadline');
    expect(reportOf()).toHaveFlushed('response');
  });

  it('says that there was none', () => {
    expect(failure(() => expect(flushedOf([])).toHaveFlushed())).toBe(
      'expected a flush of a trace, but nothing was flushed',
    );
  });

  it('shows the flushes that there were', () => {
    const flushed = flushedOf(
      [],
      reportOf({ reason: 'step', captured: 1_000 }),
      reportOf({ truncated: 2 }),
    );
    expect(failure(() => expect(flushed).toHaveFlushed('deadline'))).toBe(
      lines(
        'expected a flush of a trace for the reason deadline, but the flushes were',
        '',
        '  reason    traces  captured  truncated',
        '  step           1      1000          0',
        '  response       1         7          2',
      ),
    );
    expect(failure(() => expect(flushedOf([], reportOf())).not.toHaveFlushed())).toBe(
      lines(
        'expected no flush of a trace, but the flushes were',
        '',
        '  reason    traces  captured  truncated',
        '  response       1         7          0',
      ),
    );
  });

  it('does not take a flush without a trace for one', () => {
    expect(flushedOf([], reportOf({ traceIds: [] }))).not.toHaveFlushed();
  });
});

describe('toHaveLostNothing()', () => {
  it('passes where all arrived, waits in a fallback, or was sampled out', () => {
    const destinations = {
      a: { exported: 7, dropped: {}, failed: 0, fallback: 7 },
      b: { exported: 0, dropped: { sampled_out: 7 }, failed: 0 },
    };
    expect(reportOf({ destinations })).toHaveLostNothing();
  });

  it.each([
    ['failed', { exported: 5, dropped: {}, failed: 2 }, '2 of 7 captured spans did not arrive'],
    [
      'dropped',
      { exported: 6, dropped: { policy_failed: 1 }, failed: 0 },
      '1 of 7 captured spans did not arrive',
    ],
    ['unaccounted', { exported: 4, dropped: {}, failed: 0 }, '3 of 7 captured spans did not'],
    ['too many', { exported: 9, dropped: {}, failed: 0 }, 'accounts for 2 spans that were not'],
    ['an error alone', { exported: 7, dropped: {}, failed: 0, error: 'e' }, 'reported an error'],
  ])('fails for spans that are %s', (_what, queue, why) => {
    const report = reportOf({ destinations: { queue } });
    expect(failure(() => expect(report).toHaveLostNothing())).toContain(why);
    expect(report).not.toHaveLostNothing();
  });

  it('shows the account of every destination over all flushes', () => {
    const flushed = flushedOf(
      [],
      reportOf({ reason: 'step' }),
      reportOf({
        destinations: {
          memory: { exported: 6, dropped: { sampled_out: 1 }, failed: 0 },
          queue: {
            exported: 4,
            dropped: { policy_failed: 1 },
            failed: 2,
            error: 'export_failed:\n full',
          },
        },
      }),
    );
    expect(failure(() => expect(flushed).toHaveLostNothing())).toBe(
      lines(
        'expected nothing to be lost, but 10 of 14 captured spans did not arrive at queue',
        '',
        '  destination  captured  exported  fallback  sampled  dropped  failed  unaccounted',
        '  memory             14        13         0        1        0       0            0',
        '  queue              14         4         0        0        1       2            7',
        '  queue: export_failed: full',
      ),
    );
  });

  it('fails where nothing was flushed, as that shows nothing', () => {
    expect(failure(() => expect(flushedOf([])).toHaveLostNothing())).toBe(
      'nothing was flushed to any destination, so nothing shows that nothing was lost',
    );
  });
});

describe('toHaveExported()', () => {
  it('counts the spans of one destination over all flushes', () => {
    const flushed = flushedOf([], reportOf(), reportOf());
    expect(flushed).toHaveExported('memory', 14);
    expect(flushed).toHaveExported('memory');
    expect(flushed).not.toHaveExported('memory', 7);
    expect(flushed).not.toHaveExported('queue');
  });

  it('shows the accounts', () => {
    expect(failure(() => expect(reportOf()).toHaveExported('memory', 1))).toBe(
      lines(
        'expected memory to take 1 span, but it took 7',
        '',
        '  destination  captured  exported  fallback  sampled  dropped  failed  unaccounted',
        '  memory              7         7         0        0        0       0            0',
      ),
    );
    expect(failure(() => expect(reportOf()).toHaveExported('queue'))).toContain(
      'expected queue to take spans, but there is no such destination\n\n  destination',
    );
    expect(failure(() => expect(reportOf()).not.toHaveExported('memory'))).toContain(
      'expected memory not to take spans, but it took 7',
    );
  });
});

const tree = [
  spanOf('agent Support', { parent_id: null, started_at: '2026-11-20T12:00:00.000Z' }),
  spanOf('function lookup_order', {
    parent_id: 'span_agent Support',
    started_at: '2026-11-20T12:00:02.000Z',
  }),
  spanOf('response', { parent_id: 'span_agent Support', started_at: '2026-11-20T12:00:01.000Z' }),
  spanOf('custom inner', {
    parent_id: 'span_function lookup_order',
    started_at: '2026-11-20T12:00:02.000Z',
  }),
];

describe('toHaveSpans()', () => {
  it('compares without order, and a kind alone means any name', () => {
    const flushed = flushedOf(tree);
    expect(flushed).toHaveSpans(['custom', 'response', 'function', 'agent']);
    expect(flushed).toHaveSpans([
      'function lookup_order',
      'agent Support',
      'response',
      'custom inner',
    ]);
    expect(flushed).not.toHaveSpans(['custom', 'response', 'function']);
    expect(flushed).not.toHaveSpans(['custom', 'response', 'function', 'agent', 'agent']);
  });

  it('lets a name have its span before a kind takes it', () => {
    const two = flushedOf([spanOf('function a'), spanOf('function b')]);
    expect(two).toHaveSpans(['function', 'function a']);
  });

  it('shows what is missing and what is too much', () => {
    const labels = ['agent Support', 'function refund', 'response', 'custom'];
    expect(failure(() => expect(flushedOf(tree)).toHaveSpans(labels))).toBe(
      lines(
        'expected these spans in any order',
        '',
        '- expected, + received',
        '',
        '  agent Support',
        '  custom inner',
        '+ function lookup_order',
        '- function refund',
        '  response',
      ),
    );
  });

  it('shows at most 20 lines of a long difference, from where it begins', () => {
    const many = Array.from({ length: 60 }, (_, n) => spanOf(`function f${100 + n}`));
    const labels = many.map(({ facts }) => `function ${facts.name}`);
    const message = failure(() =>
      expect(flushedOf(many)).toHaveSpans([...labels.slice(0, 40), 'zebra']),
    );
    expect(message.split('\n').length).toBeLessThanOrEqual(20);
    expect(message).toContain('… 36 lines that match');
    expect(message).toContain('+ function f140');
    expect(message).toMatch(/… \d+ more lines$/);
  });
});

describe('toHaveSpanTree()', () => {
  it('takes a tree of any indentation, siblings in order of start', () => {
    expect(flushedOf(tree)).toHaveSpanTree(`
      agent Support
          response
          function lookup_order
              custom inner
    `);
    expect(flushedOf(tree)).toHaveSpanTree('agent\n\tresponse\n\tfunction\n\t\tcustom');
  });

  it('shows the lines that differ', () => {
    const expected = `
      agent Support
        response
        function refund
          custom inner
      agent Billing
    `;
    expect(failure(() => expect(flushedOf(tree)).toHaveSpanTree(expected))).toBe(
      lines(
        'expected this tree of spans',
        '',
        '- expected, + received',
        '',
        '  agent Support',
        '    response',
        '-   function refund',
        '+   function lookup_order',
        '      custom inner',
        '- agent Billing',
      ),
    );
  });

  it('shows spans whose parents are a circle, and names that would move the cursor, safely', () => {
    const circle = [
      spanOf('custom a', { id: 'a', parent_id: 'b' }),
      spanOf('custom b', {
        id: 'b',
        parent_id: 'a',
        facts: { kind: 'custom', name: 'b\u001b[2J' },
      }),
    ];
    const message = failure(() => expect(flushedOf(circle)).toHaveSpanTree('agent'));
    expect(message).toContain('+   custom b·[2J');
    expect(message).toContain('+ custom a');
    expect(message).not.toContain('\u001b');
  });
});

describe('toHaveOutcome()', () => {
  const flushed = flushedOf([
    spanOf('outcome', {
      facts: { kind: 'outcome', outcome: { name: 'schema_valid', passed: true } },
    }),
    spanOf('outcome', {
      facts: { kind: 'outcome', outcome: { name: 'refund', passed: false, code: 'limit' } },
    }),
  ]);

  it('compares name, result and code', () => {
    expect(flushed).toHaveOutcome('refund');
    expect(flushed).toHaveOutcome('refund', false);
    expect(flushed).toHaveOutcome('refund', false, 'limit');
    expect(flushed).not.toHaveOutcome('refund', true);
    expect(flushed).not.toHaveOutcome('schema_valid', true, 'limit');
  });

  it('shows the outcomes that there are', () => {
    expect(failure(() => expect(flushed).toHaveOutcome('refund', true))).toBe(
      lines(
        'expected the outcome refund passed, but there are',
        '',
        '  schema_valid passed',
        '  refund failed (limit)',
      ),
    );
    expect(failure(() => expect(flushedOf([])).toHaveOutcome('refund'))).toBe(
      'expected the outcome refund, but none was recorded',
    );
  });
});

/** What a real run leaves under a policy. */
async function flushedRun(options: Options = {}) {
  using traces = captureTraces();
  const { app } = tracedApp(options);
  app.get('/', async (c) => {
    const { runner, agent } = scripted(toolThenText);
    c.var.agentTrace.outcome('answered', true);
    return c.text((await runner.run(agent, 'Where is "A-1"?')).finalOutput ?? '');
  });
  await (await send(app)).text();
  return await traces.flushed();
}

describe('a real run', () => {
  it('is a tree of its turns, with what they asked for', async () => {
    expect(await flushedRun()).toHaveSpanTree(`
      outcome answered
      task
        agent Support
          turn Support
            response
            function lookup_order
          turn Support
            response
    `);
  });
});

describe('content', () => {
  it('is nowhere under the default policy', async () => {
    const flushed = await flushedRun();
    expect(flushed).toHaveNoContent();
    expect(flushed).not.toContainContent('on its way', 'Help the customer', 'Where is "A-1"?');
  });

  it('is found under a policy that keeps it, by place and by text', async () => {
    const flushed = await flushedRun({ policy: full });
    const message = failure(() => expect(flushed).toHaveNoContent());
    expect(message).toContain('expected no content, but there is some in\n\n  memory: ');
    expect(message).toContain('memory: function lookup_order: span_data.input');
    expect(message).toContain('memory: response: extra.input');
    expect(message.split('\n').length).toBeLessThanOrEqual(20);
    expect(flushed).toContainContent('Where is "A-1"?');
    expect(failure(() => expect(flushed).not.toContainContent('order A-1 is on'))).toContain(
      lines('expected "order A-1 is on" to be nowhere, but there it is', '', '  memory: '),
    );
    expect(failure(() => expect(flushed).toContainContent('nothing of it', 'nor "this"'))).toBe(
      'expected "nothing of it" or "nor \\"this\\"" in what the destinations were handed, but it is nowhere',
    );
  });

  it('is found in keys, metadata, and JSON inside of strings', () => {
    const span = spanOf('function f', {
      span_data: { type: 'function', input: '{"q":"say \\"hi\\""}', $x: { 'key of a user': 1 } },
    });
    const flushed = flushedOf([span]);
    flushed.traces[0]!.metadata['plan'] = 'paid by Ann';
    expect(flushed).toContainContent('say "hi"');
    expect(flushed).toContainContent('key of a user');
    expect(flushed).toContainContent('paid by Ann');
  });

  it.each([
    ['an error message', { error: { message: 'no such order: A-1' } }, 'error.message'],
    ['a field of an error', { error: { message: '', data: { sql: 'SELECT' } } }, 'error.data'],
    ['a field beside the wire shape', { extra: { output: ['text'] } }, 'extra.output'],
    [
      'the data of an own span',
      { span_data: { type: 'custom', name: 'c', data: { q: 'x' } } },
      'span_data.data',
    ],
  ])('is %s', (_what, patch, place) => {
    const flushed = flushedOf([spanOf('function f', patch)]);
    expect(failure(() => expect(flushed).toHaveNoContent())).toContain(place);
  });
});

describe('what is not a trace', () => {
  it.each([undefined, null, 7, {}, [], 'trace'])('%o is refused with what to pass', (wrong) => {
    expect(() => expect(wrong).toHaveFlushed()).toThrow(
      'This matcher takes what `await captureTraces().flushed()` gives, a FlushReport, or an ActiveTrace.',
    );
    expect(() => expect(wrong).not.toHaveSpans([])).toThrow('This matcher takes what');
  });

  it('captureTraces() itself is told apart', () => {
    using traces = captureTraces();
    expect(() => expect(traces).toHaveSpans([])).toThrow(
      'You passed captureTraces() itself: await its flushed() first.',
    );
  });
});

describe('a trace that has still to be flushed', () => {
  it('is waited for', async () => {
    const { app } = tracedApp({ exporters: () => [failing()] });
    const log = console.error;
    console.error = () => undefined;
    const active: { flushed: Promise<ReturnType<typeof reportOf>> }[] = [];
    app.get('/', async (c) => {
      active.push(c.var.agentTrace);
      const { runner, agent } = scripted(toolThenText);
      return c.text((await runner.run(agent, 'hi')).finalOutput ?? '');
    });
    await (await send(app)).text();
    await expect(active[0]!).toHaveFlushed('response');
    await expect(active[0]!).toHaveExported('failing', 0);
    await expect(expect(active[0]!).toHaveLostNothing()).rejects.toThrow(
      '7 of 7 captured spans did not arrive at failing',
    );
    console.error = log;
  });
});

describe('without a runner', () => {
  it('a matcher is a function that answers with pass and message', async () => {
    const result = await traceMatchers.toHaveExported(reportOf(), 'memory', 7);
    expect(result.pass).toBe(true);
    expect(result.message()).toContain('expected memory not to take 7 spans');
  });
});
