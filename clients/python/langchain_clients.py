from langchain_anthropic import ChatAnthropic
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from pydantic import BaseModel
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

openai = {"model": MODEL, "api_key": API_KEY, "base_url": f"{ORIGIN}/v1", "max_retries": 0}
surfaces = {
    # Without stream_usage it asks only OpenAI itself for the usage of a stream.
    "chat": ChatOpenAI(**openai, stream_usage=True),
    "responses": ChatOpenAI(**openai, use_responses_api=True),
    "messages": ChatAnthropic(model=MODEL, api_key=API_KEY, base_url=ORIGIN, max_retries=0, max_tokens=1000),
}


class Place(BaseModel):
    """A place."""

    city: str


@tool
def get_weather(city: str) -> str:
    """Tells the weather."""
    return WEATHER


def features_of(name, chat):
    def text():
        expect_text(chat.invoke("Say hello.").text)

    def stream():
        pieces = list(chat.stream("Say hello."))
        whole = pieces[0]
        for piece in pieces[1:]:
            whole += piece
        expect_text(whole.text)
        assert whole.usage_metadata["input_tokens"] > 0, "no input tokens"

    def tools():
        bound = chat.bind_tools([get_weather])
        turns = [HumanMessage(WEATHER_QUESTION)]
        called = bound.invoke(turns)
        turns += [called, ToolMessage(WEATHER, tool_call_id=called.tool_calls[0]["id"])]
        expect_weather(bound.invoke(turns).text)

    def structured():
        assert isinstance(chat.with_structured_output(Place).invoke("A city."), Place)

    return {f"{name} {run.__name__}": run for run in (text, stream, tools, structured)}


def embeddings():
    made = OpenAIEmbeddings(model=EMBEDDING_MODEL, api_key=API_KEY, base_url=f"{ORIGIN}/v1", max_retries=0)
    for vector in made.embed_documents(["one", "two"]):
        expect_vector(vector)


features = {feature: run for name, chat in surfaces.items() for feature, run in features_of(name, chat).items()}
report({**features, "embeddings": embeddings})
