import { expect, it } from 'vitest';
import { signedHeaders } from '../../../worker/webhooks/sign.ts';

/** The example of the reference library `standardwebhooks` 1.1.1, and what it signs. */
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const event = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', sent_at_s: 1_614_265_330, body: '{"test": 2432232314}' };
const signature = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';

it('an event is signed as the reference library signs it', async () => {
  expect(signedHeaders([secret], event)).toEqual({
    'webhook-id': event.id,
    'webhook-timestamp': '1614265330',
    'webhook-signature': signature,
  });
});

it('two secrets sign side by side, the newest first', async () => {
  const other = `whsec_${btoa('another secret of 32 bytes......')}`;
  const { 'webhook-signature': both } = signedHeaders([other, secret], event);
  expect(both?.split(' ')).toHaveLength(2);
  expect(both?.split(' ')[1]).toBe(signature);
});
