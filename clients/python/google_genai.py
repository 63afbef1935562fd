from google import genai
from google.genai import types
from report import (
    API_KEY,
    EMBEDDING_MODEL,
    MODEL,
    ORIGIN,
    WEATHER,
    WEATHER_QUESTION,
    expect_text,
    expect_vector,
    expect_weather,
    report,
)

client = genai.Client(api_key=API_KEY, http_options=types.HttpOptions(base_url=ORIGIN))


def get_weather(city: str) -> str:
    """Tells the weather."""
    return WEATHER


def text():
    answer = client.models.generate_content(model=MODEL, contents="Say hello.")
    expect_text(answer.text)
    assert answer.usage_metadata.total_token_count > 0


def stream():
    pieces = client.models.generate_content_stream(model=MODEL, contents="Say hello.")
    expect_text("".join(piece.text or "" for piece in pieces))


def tools():
    config = types.GenerateContentConfig(tools=[get_weather])
    expect_weather(client.models.generate_content(model=MODEL, contents=WEATHER_QUESTION, config=config).text)


def embeddings():
    made = client.models.embed_content(model=EMBEDDING_MODEL, contents=["one", "two"])
    assert len(made.embeddings) == 2
    for one in made.embeddings:
        expect_vector(one.values)


def count_tokens():
    assert client.models.count_tokens(model=MODEL, contents="Say hello.").total_tokens > 0


report(
    {"text": text, "stream": stream, "tools": tools, "embeddings": embeddings, "count tokens": count_tokens}
)
