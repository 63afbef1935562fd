import { apiKey, model, origin, report } from './report.mjs';
import { expectToolSession, runAgent } from './run-agent.mjs';

await report({
  async 'tool session'() {
    const prompt = 'Use the tool Bash once, and tell me what it printed.';
    const args = ['-p', prompt, '--model', model, '--allowedTools', 'Bash', '--max-turns', '5'];
    const printed = await runAgent('claude', args, () => ({
      ANTHROPIC_BASE_URL: origin,
      ANTHROPIC_API_KEY: apiKey,
      ANTHROPIC_SMALL_FAST_MODEL: model,
      ANTHROPIC_DEFAULT_HAIKU_MODEL: model,
      DISABLE_AUTOUPDATER: '1',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    }));
    expectToolSession(printed);
  },
});
