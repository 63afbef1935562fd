/** One small fault: where `find` stands, `replace` is put, and `tests` (paths, parted by blanks) must notice. */
export type Mutation = {
  what: string;
  file: string;
  find: string;
  replace: string;
  project: string;
  tests: string;
};
