import { apiKey, model, origin, report } from './report.mjs';
import { expectToolSession, runAgent } from './run-agent.mjs';

const provider = { name: 'us', base_url: `${origin}/v1`, env_key: 'CLIENT_KEY', wire_api: 'responses' };
const settings = {
  model_provider: 'us',
  ...Object.fromEntries(
    Object.entries(provider).map(([name, value]) => [`model_providers.us.${name}`, value]),
  ),
};
const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${JSON.stringify(value)}`]);

await report({
  async 'tool session'() {
    const prompt = 'Run one command with exec_command or shell_command, and tell me what it printed.';
    const args = ['exec', '--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox', '-m', model];
    expectToolSession(
      await runAgent('codex', [...args, ...flags, prompt], (home) => ({
        CODEX_HOME: home,
        CLIENT_KEY: apiKey,
      })),
    );
  },
});
