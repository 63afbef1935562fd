import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Client } from '../support/demo.ts';
import { casesOf } from '../support/gateway-cases/case.ts';
import { openGateway, type ScriptedGateway } from '../support/gateway-cases/gateway.ts';
import { judge } from '../support/gateway-cases/judge.ts';

/** Answers of real servers, as public bug reports describe them, through the whole product (docs/simulators.md). */

let gateway: ScriptedGateway;
let user: Client;
beforeAll(async () => {
  gateway = await openGateway(inject('stack'));
  user = await gateway.user(50_000_000);
});
afterAll(() => gateway.stop());

// The slow ones first, so that the others run beside them.
const groups = ['slow', 'tool-calls', 'usage', 'streams', 'failures', 'requests', 'messages'];

describe.concurrent.each(groups)('%s', (file) => {
  for (const gatewayCase of casesOf(file))
    it(`${gatewayCase.id}: ${gatewayCase.name}`, async () => {
      const fault = judge(await gateway.run(user, gatewayCase), gatewayCase.right);
      expect(fault, gatewayCase.symptom).toBeNull();
    });
});
