/** Runs one client's features and prints a line of JSON for each: `{ "feature", "ok", "detail" }`. Never throws. */

export const {
  CLIENT_ORIGIN: origin,
  CLIENT_KEY: apiKey,
  CLIENT_MODEL: model,
  CLIENT_EMBEDDING_MODEL: embeddingModel,
} = process.env;

/** The question at which every simulated model calls the tool `get_weather`, once. */
export const WEATHER_QUESTION = 'Use get_weather to tell me the weather in Paris.';
export const WEATHER = 'sunny, 21 degrees';
export const weatherSchema = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
};

/** Throws unless `condition` holds. */
export function expect(condition, what) {
  if (!condition) throw new Error(what);
}

/** Throws unless a model's answer tells what the tool said. */
export const expectWeather = (text) =>
  expect(String(text).includes(WEATHER), `no result of the tool: ${text}`);
export const expectText = (text) =>
  expect(/\w{3}/.test(String(text ?? '')), `no text: ${JSON.stringify(text)}`);

/** Throws unless a vector has the numbers of a text. */
export const expectVector = (vector) =>
  expect(vector.length > 100 && vector.some((one) => one !== 0), 'no vector');

/** Runs each feature in turn. */
export async function report(features) {
  for (const [feature, run] of Object.entries(features)) {
    const failure = await Promise.resolve()
      .then(run)
      .then(
        () => null,
        (error) => String(error?.stack ?? error).slice(0, 2_000),
      );
    console.log(JSON.stringify({ feature, ok: failure === null, detail: failure ?? '' }));
  }
  process.exit(0);
}
