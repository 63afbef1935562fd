/** The browser has started the download by then. The address keeps the file in memory until it is revoked. */
const KEPT_MS = 60_000;

/** Starts a download of a file under a name. */
export function saveFile(file: Blob, name: string): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), KEPT_MS);
}
