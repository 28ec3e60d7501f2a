/** What the user sees: a line per step with the time since the start, colours only where they are wanted. */
import { styleText } from 'node:util';

type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow' | 'cyan';

export interface Output {
  paint: (style: Style, text: string) => string;
  line: (text?: string) => void;
  /** Something begins that takes a while. */
  step: (text: string) => void;
  /** The step still goes on. */
  tick: (text: string) => void;
  ok: (text: string) => void;
  bad: (text: string) => void;
}

export function createOutput(stream: NodeJS.WriteStream, startedAt: number): Output {
  const coloured = stream.isTTY && !process.env['NO_COLOR'];
  const paint = (style: Style, text: string): string =>
    coloured ? styleText(style, text, { validateStream: false }) : text;
  const line = (text = ''): void => void stream.write(`${text}\n`);
  return {
    paint,
    line,
    step(text) {
      const seconds = ((Date.now() - startedAt) / 1000).toFixed(1).padStart(5);
      line(`${paint('dim', `${seconds} s`)}  ${paint('bold', text)}`);
    },
    tick: (text) => line(paint('dim', `         … ${text}`)),
    ok: (text) => line(`         ${paint('green', '✓')} ${text}`),
    bad: (text) => line(`         ${paint('red', '✗')} ${text}`),
  };
}
