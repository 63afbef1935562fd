/** Finds the source file of a line of a bundle: esbuild writes `// path` before each module. */
export class SourceFiles {
  /** First line of each module, ascending, with its path. */
  readonly #starts: { line: number; file: string }[];

  constructor(bundle: string) {
    this.#starts = bundle.split('\n').flatMap((text, line) => {
      const file = /^\/\/ (\S+\.(?:[cm]?[jt]sx?|json))$/.exec(text)?.[1];
      return file === undefined ? [] : [{ line, file: file.replace(/^(\.\.\/)+/, '') }];
    });
  }

  /** Returns the file of a line, counted from 0. */
  fileOf(line: number): string {
    let low = 0;
    let high = this.#starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#starts[middle]?.line ?? 0) <= line) low = middle + 1;
      else high = middle;
    }
    return this.#starts[low - 1]?.file ?? 'the bundle itself';
  }
}
