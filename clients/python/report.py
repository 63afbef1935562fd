"""Runs one client's features and prints a line of JSON for each: {"feature", "ok", "detail"}. Never raises."""

import asyncio
import inspect
import json
import os
import traceback

ORIGIN = os.environ["CLIENT_ORIGIN"]
API_KEY = os.environ["CLIENT_KEY"]
MODEL = os.environ["CLIENT_MODEL"]
EMBEDDING_MODEL = os.environ["CLIENT_EMBEDDING_MODEL"]

# The question at which every simulated model calls the tool get_weather, once.
WEATHER_QUESTION = "Use get_weather to tell me the weather in Paris."
WEATHER = "sunny, 21 degrees"
WEATHER_SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}


def expect_text(text):
    assert isinstance(text, str) and len(text.strip()) > 3, f"no text: {text!r}"


def expect_weather(text):
    assert WEATHER in str(text), f"no result of the tool: {text!r}"


def expect_vector(vector):
    assert len(vector) > 100 and any(vector), "no vector"


def report(features):
    """Runs each feature in turn. Features can be coroutines."""
    for feature, run in features.items():
        try:
            result = run()
            if inspect.isawaitable(result):
                asyncio.run(awaited(result))
            failure = ""
        except BaseException:
            failure = traceback.format_exc()[-2000:]
        print(json.dumps({"feature": feature, "ok": failure == "", "detail": failure}), flush=True)


async def awaited(result):
    return await result
