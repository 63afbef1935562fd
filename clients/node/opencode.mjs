import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { apiKey, model, origin, report } from './report.mjs';
import { expectToolSession, runAgent } from './run-agent.mjs';

const provider = {
  npm: '@ai-sdk/openai-compatible',
  name: 'us',
  options: { baseURL: `${origin}/v1`, apiKey },
  models: { [model]: { name: model } },
};
const config = {
  $schema: 'https://opencode.ai/config.json',
  provider: { us: provider },
  model: `us/${model}`,
  small_model: `us/${model}`,
  autoupdate: false,
  share: 'disabled',
  permission: { bash: 'allow', edit: 'allow' },
};

await report({
  async 'tool session'() {
    const prompt = 'Use the tool bash once, and tell me what it printed.';
    const args = ['run', '--model', `us/${model}`, '--print-logs', prompt];
    const printed = await runAgent('opencode', args, async (home) => {
      await writeFile(path.join(home, 'opencode.json'), JSON.stringify(config));
      return {
        OPENCODE_CONFIG: path.join(home, 'opencode.json'),
        OPENCODE_DISABLE_AUTOUPDATE: '1',
        OPENCODE_DISABLE_MODELS_FETCH: '1',
        XDG_CONFIG_HOME: home,
        XDG_DATA_HOME: home,
        XDG_CACHE_HOME: home,
        XDG_STATE_HOME: home,
      };
    });
    expectToolSession(printed);
  },
});
