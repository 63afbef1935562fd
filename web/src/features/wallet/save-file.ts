/** Long enough for the browser to have begun; the address of a file keeps it in memory. */
const KEPT_MS = 60_000;

/** Hands a file to the person, as a download of that name. */
export function saveFile(file: Blob, name: string): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), KEPT_MS);
}
