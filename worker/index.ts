export { Wallet } from '../durable-objects/wallet/wallet.ts';

export default {
  async fetch() {
    return new Response('starting');
  },
} satisfies ExportedHandler;
