/** A record of CSV (RFC 4180), without its line end. */
export function csvRecord(fields: readonly string[], separator: string): string {
  return fields.map((field) => quoted(field, separator)).join(separator);
}

function quoted(field: string, separator: string): string {
  const isPlain = !field.includes(separator) && !/["\r\n]/.test(field);
  return isPlain ? field : `"${field.replaceAll('"', '""')}"`;
}

/** The fields of the first record of a text, or undefined if it does not end there. */
export function firstCsvRecord(text: string, separator: string): string[] | undefined {
  const fields: string[] = [];
  let field = "", isQuoted = false;
  for (let i = 0; i < text.length; i++) {
    const letter = text[i]!;
    if (isQuoted) {
      if (letter !== '"') field += letter;
      else if (text[i + 1] === '"') field += text[++i];
      else isQuoted = false;
    } else if (letter === '"') {
      isQuoted = true;
    } else if (letter === separator) {
      fields.push(field);
      field = "";
    } else if (letter === "\n") {
      return [...fields, field.endsWith("\r") ? field.slice(0, -1) : field];
    } else field += letter;
  }
  return undefined;
}
