/** The list of common passwords, in lower case: 49,000, ordered by how often breaches contained them. Read when it is first needed. */
let known: Promise<ReadonlySet<string>> | undefined;

const read = async (): Promise<ReadonlySet<string>> => {
  const { dictionary } = await import('@zxcvbn-ts/language-common');
  return new Set([...dictionary['passwords-common']].map((password) => password.toLowerCase()));
};

/** Returns the common passwords. */
export const commonPasswords = (): Promise<ReadonlySet<string>> => {
  known ??= read();
  return known;
};
