/** Passwords that somebody who guesses tries first, whatever their length. Pure. */

/** The reason for which a password is refused: the name of the rule, and a sentence. */
export type PasswordRefusal = { rule: 'too_common' | 'too_regular' | 'personal'; message: string };

const tooCommon: PasswordRefusal = {
  rule: 'too_common',
  message:
    'This is a common password, or close to one: it is among the first that are guessed. Use several unrelated words, or a password manager.',
};
const tooRegular: PasswordRefusal = {
  rule: 'too_regular',
  message:
    'This repeats itself or runs along the keyboard. Use several unrelated words, or a password manager.',
};
const personal: PasswordRefusal = {
  rule: 'personal',
  message:
    'This is your email address, your name or the name of this site. Use something that nobody knows of you.',
};

/** Characters that may be added to a known word without making it harder to guess. */
const ADDED_MAX = 6;
/** Shorter words occur by chance. */
const WORD_MIN = 4;

const letters: Record<string, string> = {
  ...{ '0': 'o', '1': 'i', '3': 'e', '4': 'a', '5': 's', '7': 't', '8': 'b', '@': 'a', $: 's', '!': 'i' },
};
const plain = (text: string): string => text.normalize('NFKC').toLowerCase();
const unleet = (text: string): string =>
  [...text].map((character) => letters[character] ?? character).join('');

/** Returns a text without the digits and signs around it, if those are few. */
function coreOf(text: string): string {
  const core = text.replace(/^[^\p{L}]+/u, '').replace(/[^\p{L}]+$/u, '');
  return text.length - core.length <= ADDED_MAX ? core : text;
}

/** Returns the texts that a password is a trivial variation of, itself included. */
function variationsOf(password: string): Set<string> {
  const text = plain(password);
  return new Set([text, coreOf(text), unleet(text), unleet(coreOf(text)), coreOf(unleet(text))]);
}

/** Returns the shortest part that a text repeats, its last time perhaps cut short. */
function unitOf(text: string): string {
  for (let length = 1; length < text.length; length += 1) {
    const unit = text.slice(0, length);
    if (text === unit.repeat(Math.ceil(text.length / length)).slice(0, text.length)) return unit;
  }
  return text;
}

const RUNS = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890',
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'qwertzuiop',
  'yxcvbnm',
];
const pairsOf = (text: string) =>
  Array.from({ length: Math.max(0, text.length - 1) }, (_, at) => text.slice(at, at + 2));
const neighbours = new Set(RUNS.flatMap((run) => [run, [...run].reverse().join('')]).flatMap(pairsOf));

/** True if a text repeats a few characters, or mostly steps from one key or letter to the next. */
function isRegular(text: string): boolean {
  if (new Set(text).size <= 4 || unitOf(text).length <= 6) return true;
  const pairs = pairsOf(text);
  const steps = pairs.filter((pair) => neighbours.has(pair) || pair[0] === pair[1]).length;
  return steps >= pairs.length * 0.75;
}

const squashed = (text: string): string => plain(text).replace(/[^\p{L}\p{N}]/gu, '');

/** True if a password is one of the words about its user, with a few characters more. */
function isPersonal(password: string, words: readonly string[]): boolean {
  const text = squashed(password);
  return words.some((word) => {
    const known = squashed(word);
    return known.length >= WORD_MIN && text.length - known.length <= ADDED_MAX && text.includes(known);
  });
}

/** The words about a user: the whole email address, its parts, the name, and the name of the tenant. */
export const wordsAbout = (
  email: string | null,
  name: string | null | undefined,
  tenantName: string,
): string[] => [
  ...(email === null ? [] : [email, ...email.split('@')]),
  ...(name == null ? [] : [name, name.split(/\s+/).reverse().join('')]),
  tenantName,
];

/**
 * Returns why a password is refused, or null. `isCommon` tells whether a text is on the list of common passwords; `words` are about its
 * user. A password that repeats a common one is as common.
 */
export function refuseGuessable(
  password: string,
  isCommon: (text: string) => boolean,
  words: readonly string[],
): PasswordRefusal | null {
  if (isPersonal(password, words)) return personal;
  const text = plain(password);
  const candidates = [...variationsOf(password)].flatMap((variation) => [variation, unitOf(variation)]);
  if (candidates.some((candidate) => candidate.length >= WORD_MIN && isCommon(candidate))) return tooCommon;
  return isRegular(text) ? tooRegular : null;
}
