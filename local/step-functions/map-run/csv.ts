/** The delimiters that CSVDelimiter names. https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html */
const DELIMITERS: Readonly<Record<string, string>> = {
  COMMA: ',',
  PIPE: '|',
  SEMICOLON: ';',
  SPACE: ' ',
  TAB: '\t',
};

export const csvDelimiter = (name: unknown): string | undefined =>
  DELIMITERS[name === undefined ? 'COMMA' : String(name)];

/**
 * The records of a delimited file, read piece by piece. A field may stand in double quotes, where a delimiter or a line break is part of it and
 * `""` is a quote. A line without any character is no record. Lines end in LF or CRLF.
 */
export async function* csvRecords(text: AsyncIterable<string>, delimiter: string): AsyncGenerator<string[]> {
  let record: string[] = [];
  let field = '';
  let quoted = false;
  let closing = false;
  let touched = false;
  const endField = () => {
    record.push(field);
    field = '';
    touched = true;
  };
  for await (const piece of text) {
    for (const character of piece) {
      if (quoted) {
        if (closing) {
          closing = false;
          if (character === '"') {
            field += '"';
            continue;
          }
          quoted = false;
        } else {
          if (character === '"') closing = true;
          else field += character;
          continue;
        }
      }
      if (character === '"' && field === '') {
        quoted = true;
        touched = true;
      } else if (character === delimiter) endField();
      else if (character === '\n') {
        if (field.endsWith('\r')) field = field.slice(0, -1);
        if (touched || field !== '') {
          endField();
          yield record;
        }
        record = [];
        touched = false;
      } else field += character;
    }
  }
  if (touched || field !== '') {
    endField();
    yield record;
  }
}
