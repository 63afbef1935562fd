import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ensureSecrets, workerVariables } from '../../../dev/worker-variables.ts';
import { keyRing } from '../../../worker/runtime/key-ring.ts';

const secrets = { app_worker_password: 'p', jwt_secret: 'j', password_pepper: 'q', key_ring: 'k' };
const addresses = {
  postgresPort: 5001,
  gatewayOrigin: 'http://127.0.0.1:5002',
  simulatorOrigin: 'http://127.0.0.1:5003',
};

describe("the local Worker's variables", () => {
  it('use the simulator of every provider without a real key, and list these providers', () => {
    expect(workerVariables({}, secrets, addresses)).toMatchObject({
      SIMULATED_PROVIDERS: 'openai,anthropic,google,deepseek',
      OPENAI_BASE_URL: 'http://127.0.0.1:5003/openai/v1',
      ANTHROPIC_BASE_URL: 'http://127.0.0.1:5003/anthropic',
      GOOGLE_BASE_URL: 'http://127.0.0.1:5003/google',
      DEEPSEEK_BASE_URL: 'http://127.0.0.1:5003/deepseek/v1',
    });
  });

  it("never send a real key to a simulator, nor a simulator's base URL to a real provider", () => {
    const variables = workerVariables({ OPENAI_API_KEY: 'real' }, secrets, addresses);
    expect(variables).toMatchObject({
      SIMULATED_PROVIDERS: 'anthropic,google,deepseek',
      OPENAI_API_KEY: 'real',
    });
    expect(variables).not.toHaveProperty('OPENAI_BASE_URL');
  });

  it('simulate Cloudflare and DNS unless the user has a token of their own', () => {
    expect(workerVariables({}, secrets, addresses)).toMatchObject({
      CLOUDFLARE_BASE_URL: 'http://127.0.0.1:5003/cloudflare/client/v4',
      DNS_RESOLVER_URL: 'http://127.0.0.1:5003/dns-query',
    });
    const variables = workerVariables({ CLOUDFLARE_API_TOKEN: 'real' }, secrets, addresses);
    expect(variables).toMatchObject({ CLOUDFLARE_API_TOKEN: 'real' });
    expect(variables).not.toHaveProperty('CLOUDFLARE_BASE_URL');
    expect(variables).not.toHaveProperty('DNS_RESOLVER_URL');
  });

  it('send mail to the mailbox of the simulators', () => {
    expect(workerVariables({}, secrets, addresses)).toMatchObject({
      MAIL_FROM: 'no-reply@vanilla.test',
      MAILBOX_URL: 'http://127.0.0.1:5003/mail/send',
    });
  });

  it('treat an empty key as missing', () => {
    expect(workerVariables({ GOOGLE_API_KEY: '' }, secrets, addresses).SIMULATED_PROVIDERS).toContain(
      'google',
    );
  });

  it("keep the user's own variables, except database and secrets", () => {
    const user = { LOG_LEVEL: 'debug', DATABASE_URL: 'postgresql://elsewhere/db', JWT_SECRET: 'production' };
    expect(workerVariables(user, secrets, addresses)).toMatchObject({
      LOG_LEVEL: 'debug',
      DATABASE_URL: 'postgresql://app_worker:p@127.0.0.1:5001/vanilla',
      NEON_FETCH_ENDPOINT: 'http://127.0.0.1:5002/sql',
      JWT_SECRET: 'j',
    });
  });
});

describe("a data folder's secrets", () => {
  it('are kept, and missing ones are created once', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'secrets-'));
    const older = { app_worker_password: 'p', jwt_secret: 'j', password_pepper: 'q' };
    await writeFile(path.join(folder, 'secrets.json'), JSON.stringify(older));
    const secrets = await ensureSecrets(folder);
    expect(secrets).toMatchObject(older);
    expect(keyRing.parse(secrets.key_ring)[0].version).toBe(1);
    const kept = await readFile(path.join(folder, 'secrets.json'), 'utf8');
    expect(await ensureSecrets(folder)).toEqual(secrets);
    expect(await readFile(path.join(folder, 'secrets.json'), 'utf8')).toBe(kept);
    await rm(folder, { recursive: true });
  });
});
