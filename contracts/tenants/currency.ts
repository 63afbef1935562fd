import { z } from 'zod';
import { WALLET_TOKENS_PER_USD_MAX } from '../catalog/markup.ts';
import { settingForm } from './setting-form.ts';

/** The name of a tenant's wallet tokens, and their worth. */

const currencyName = z
  .string()
  .min(1)
  .max(30)
  .refine(
    (name) => /^[\p{L}\p{N}]+([ '’-][\p{L}\p{N}]+)*$/u.test(name),
    'must be words of letters and digits',
  )
  .refine((name) => !/^tokens?$/i.test(name), 'must not be "token" or "tokens", which models count');

export const currencyFields = {
  currency_name: currencyName
    .describe('The name of wallet tokens in the web app, for several of them.')
    .meta({ examples: ['credits'] })
    .register(settingForm, {
      label: 'Name of your currency',
      help: 'What users spend, in the plural, such as credits. Models count tokens; your users pay in this.',
      group: 'currency',
    }),
  currency_name_singular: currencyName
    .describe('The name of one wallet token in the web app.')
    .meta({ examples: ['credit'] })
    .register(settingForm, {
      label: 'Name of one unit',
      help: 'The singular, such as credit.',
      group: 'currency',
    }),
  wallet_tokens_per_usd: z
    .int()
    .min(1)
    .max(WALLET_TOKENS_PER_USD_MAX)
    .describe(
      'The wallet tokens that one US dollar is worth. Margins are shown with it, and a markup on a list price is converted with it. A change does not change existing prices.',
    )
    .register(settingForm, {
      label: 'Units per US dollar',
      help: 'How many units your users get for one US dollar. Used to show margins and to convert list prices when you add models. A change does not change existing prices.',
      group: 'currency',
    }),
};
