import anthropic
from report import API_KEY, MODEL, ORIGIN, WEATHER, WEATHER_QUESTION, WEATHER_SCHEMA, expect_text, expect_weather, report

client = anthropic.Anthropic(api_key=API_KEY, base_url=ORIGIN, max_retries=0)
hello = [{"role": "user", "content": "Say hello."}]


def text_of(message):
    return "".join(block.text for block in message.content if block.type == "text")


def text():
    answer = client.messages.create(model=MODEL, max_tokens=1000, messages=hello)
    expect_text(text_of(answer))
    assert answer.usage.input_tokens > 0


def stream():
    with client.messages.stream(model=MODEL, max_tokens=1000, messages=hello) as events:
        answer = events.get_final_message()
    expect_text(text_of(answer))
    assert answer.usage.input_tokens > 0


def tools():
    offered = [{"name": "get_weather", "description": "Tells the weather", "input_schema": WEATHER_SCHEMA}]
    turns = [{"role": "user", "content": WEATHER_QUESTION}]
    called = client.messages.create(model=MODEL, max_tokens=1000, messages=turns, tools=offered)
    use = next(block for block in called.content if block.type == "tool_use")
    result = {"type": "tool_result", "tool_use_id": use.id, "content": WEATHER}
    turns += [{"role": "assistant", "content": called.content}, {"role": "user", "content": [result]}]
    expect_weather(text_of(client.messages.create(model=MODEL, max_tokens=1000, messages=turns, tools=offered)))


def count_tokens():
    assert client.messages.count_tokens(model=MODEL, messages=hello).input_tokens > 0


def files():
    file = client.beta.files.upload(file=("word.txt", b"The word is giraffe."))
    source = {"type": "file", "file_id": file.id}
    content = [{"type": "text", "text": "What is the word?"}, {"type": "document", "source": source}]
    turns = [{"role": "user", "content": content}]
    assert "giraffe" in text_of(client.beta.messages.create(model=MODEL, max_tokens=1000, messages=turns))
    assert client.beta.files.delete(file.id).id == file.id


def models():
    assert MODEL in [model.id for model in client.models.list()]


report(
    {
        "text": text,
        "stream": stream,
        "tools": tools,
        "count tokens": count_tokens,
        "files": files,
        "models": models,
    }
)
