from llama_index.core.llms import ChatMessage
from llama_index.core.tools import FunctionTool
from llama_index.llms.openai_like import OpenAILike
from report import API_KEY, MODEL, ORIGIN, WEATHER, WEATHER_QUESTION, expect_text, expect_weather, report

llm = OpenAILike(
    model=MODEL,
    api_key=API_KEY,
    api_base=f"{ORIGIN}/v1",
    is_chat_model=True,
    is_function_calling_model=True,
    max_retries=0,
    context_window=100_000,
)


def get_weather(city: str) -> str:
    """Tells the weather."""
    return WEATHER


def text():
    expect_text(llm.complete("Say hello.").text)


def stream():
    pieces = list(llm.stream_chat([ChatMessage(role="user", content="Say hello.")]))
    expect_text(pieces[-1].message.content)


def tools():
    answer = llm.predict_and_call([FunctionTool.from_defaults(get_weather)], user_msg=WEATHER_QUESTION)
    expect_weather(answer.response)


report({"text": text, "stream": stream, "tools": tools})
