/** Marks text for the eye. On anything but a terminal it changes nothing. */
export interface Paint {
  good(text: string): string;
  bad(text: string): string;
  warn(text: string): string;
  dim(text: string): string;
  bold(text: string): string;
  accent(text: string): string;
}

const wrap = (on: number, off: number) => (text: string) => (text === '' ? '' : `\u001b[${on}m${text}\u001b[${off}m`);
const same = (text: string) => text;

export const colourPaint: Paint = {
  good: wrap(32, 39),
  bad: wrap(31, 39),
  warn: wrap(33, 39),
  dim: wrap(2, 22),
  bold: wrap(1, 22),
  accent: wrap(36, 39),
};
export const plainPaint: Paint = { good: same, bad: same, warn: same, dim: same, bold: same, accent: same };

/** https://no-color.org: any value but the empty one turns colour off. FORCE_COLOR turns it on for pipes. */
export function paintFor(variables: { readonly [name: string]: string | undefined }, isTerminal: boolean): Paint {
  if (variables.NO_COLOR) return plainPaint;
  if (variables.FORCE_COLOR && variables.FORCE_COLOR !== '0') return colourPaint;
  return isTerminal && variables.TERM !== 'dumb' ? colourPaint : plainPaint;
}

/** Text of several lines, each printable. */
export const printableLines = (text: string): string => text.split('\n').map(printable).join('\n');

/** Characters that a terminal would take for commands (a key can hold any) are shown as escapes. */
export const printable = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this is about
  text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, (character) =>
    character === '\n' ? '⏎' : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
