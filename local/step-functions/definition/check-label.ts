/** A Map's Label becomes part of the map run's ARN. */
const LONGEST_LABEL = 40;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const FORBIDDEN = /[\s?*<>{}[\]:;,\\|^~$#%&`"\u0000-\u001f\u007f-\u009f]/;

/**
 * What is wrong with a label, in the words that were recorded (a Python service's, quoting included: `Args=["Label contains
 * invalid character: '?'"]`); undefined when nothing is.
 */
export function labelFault(label: unknown, definition: string): string | undefined {
  if (typeof label !== 'string' || label === '') return refusal("'Label cannot be empty'", definition);
  if (label.length > LONGEST_LABEL) return refusal(`'Label cannot exceed ${LONGEST_LABEL} characters'`, definition);
  const character = FORBIDDEN.exec(label)?.[0];
  if (character === undefined) return undefined;
  const sentence = `Label contains invalid character: '${quoted(quoted(character))}'`;
  return refusal(character === '"' ? `'${sentence.replaceAll("'", "\\'")}'` : `"${sentence}"`, definition);
}

const refusal = (argument: string, definition: string): string =>
  `Error=ValueError Args=[${argument}] in definition '${definition}'.`;

const NAMED: Readonly<Record<string, string>> = { '\t': '\\t', '\n': '\\n', '\r': '\\r', '\\': '\\\\' };

/** As Python's repr shows it inside quotes. */
function quoted(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  return text.replace(/[\\\t\n\r\u0000-\u001f\u007f-\u00a0]/g, (character) => {
    return NAMED[character] ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}
