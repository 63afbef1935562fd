/** A value of a CSV file. */
export type CsvValue = string | number | boolean;

/** Returns a field (RFC 4180). A text that a spreadsheet would run as a formula gets an apostrophe before it. */
function field(value: CsvValue): string {
  if (typeof value !== 'string') return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Returns a line of a CSV file, with its end. Pure. */
export const csvLine = (values: readonly CsvValue[]): string => `${values.map(field).join(',')}\r\n`;
