import litellm
from report import (
    API_KEY,
    EMBEDDING_MODEL,
    MODEL,
    ORIGIN,
    WEATHER,
    WEATHER_QUESTION,
    WEATHER_SCHEMA,
    expect_text,
    expect_vector,
    expect_weather,
    report,
)

hello = [{"role": "user", "content": "Say hello."}]
surfaces = {
    "chat": {"model": f"openai/{MODEL}", "api_base": f"{ORIGIN}/v1", "api_key": API_KEY, "num_retries": 0},
    "messages": {"model": f"anthropic/{MODEL}", "api_base": ORIGIN, "api_key": API_KEY, "num_retries": 0},
}
offered = [{"type": "function", "function": {"name": "get_weather", "parameters": WEATHER_SCHEMA}}]


def features_of(name, how):
    def text():
        expect_text(litellm.completion(**how, messages=hello).choices[0].message.content)

    def stream():
        pieces = litellm.completion(**how, messages=hello, stream=True)
        expect_text("".join(piece.choices[0].delta.content or "" for piece in pieces))

    def tools():
        turns = [{"role": "user", "content": WEATHER_QUESTION}]
        message = litellm.completion(**how, messages=turns, tools=offered).choices[0].message
        turns += [message, {"role": "tool", "tool_call_id": message.tool_calls[0].id, "content": WEATHER}]
        expect_weather(litellm.completion(**how, messages=turns, tools=offered).choices[0].message.content)

    return {f"{name} {run.__name__}": run for run in (text, stream, tools)}


def embeddings():
    made = litellm.embedding(
        model=f"openai/{EMBEDDING_MODEL}", api_base=f"{ORIGIN}/v1", api_key=API_KEY, input=["one", "two"]
    )
    for one in made.data:
        expect_vector(one["embedding"])


features = {feature: run for name, how in surfaces.items() for feature, run in features_of(name, how).items()}
report({**features, "embeddings": embeddings})
