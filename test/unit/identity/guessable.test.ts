import { describe, expect, it } from 'vitest';
import { commonPasswords } from '../../../worker/identity/passwords/common-passwords.ts';
import { refuseGuessable, wordsAbout } from '../../../worker/identity/passwords/guessable.ts';

const common = await commonPasswords();
const about = wordsAbout('ada.lovelace@example.com', 'Ada Lovelace', 'Analytical Engines');
const ruleOf = (password: string) =>
  refuseGuessable(password, (text) => common.has(text), about)?.rule ?? null;

describe('a password is refused as', () => {
  it.each([
    'unbelievable',
    'Unbelievable',
    'counterstrike',
    'password1234',
    'PASSWORD!!!!',
    'p4ssw0rd!2026',
    '12password34',
    'passwordpassword',
    'dragondragon',
    'monkey123456',
    '1qaz2wsx3edc4rfv',
  ])('common: %s', (password) => {
    expect(ruleOf(password)).toBe('too_common');
  });

  it.each([
    'aaaaaaaaaaaa',
    'abababababab',
    'xk9xk9xk9xk9',
    'ABCDEFGHIJKLMNOP',
    '98765432109876',
    'zxcvbnmasdfghjkl',
  ])('regular: %s', (password) => {
    expect(ruleOf(password)).toMatch(/too_regular|too_common/);
  });

  it.each([
    'ada.lovelace@example.com',
    'Ada.Lovelace',
    'ada lovelace 1815',
    'AdaLovelace!!',
    'LovelaceAda1',
    'Analytical Engines',
    'analyticalengines2026',
    'example.com.1',
  ])('personal: %s', (password) => {
    expect(ruleOf(password)).toBe('personal');
  });
});

it.each([
  'a long passphrase',
  'vanilla-demo-2026',
  'correct horse battery staple',
  'my password is a secret of ours',
  'ada was here before the rest of you',
  '93847$michael#20394857',
  'kT7#mQ2x9Lp4',
  '4a1f0c9be27d',
  '839104756281',
  'пароль из нескольких слов',
  '正しい馬電池ホッチキスの話',
])('a password that has to be guessed is allowed: %s', (password) => {
  expect(ruleOf(password)).toBeNull();
});

it('the longest password is judged quickly', () => {
  const startedMs = performance.now();
  for (const unit of ['a', 'ab1', 'word ', '4@']) ruleOf(`${unit.repeat(1_024).slice(0, 1_023)}~`);
  expect(performance.now() - startedMs).toBeLessThan(500);
});
