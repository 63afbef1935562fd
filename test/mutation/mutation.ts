/** A small fault that a test must notice: `find` is replaced by `replace`, and `tests` (paths, separated by spaces) must fail. */
export type Mutation = {
  what: string;
  file: string;
  find: string;
  replace: string;
  project: string;
  tests: string;
};
