import openai
from pydantic import BaseModel
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

client = openai.OpenAI(api_key=API_KEY, base_url=f"{ORIGIN}/v1", max_retries=0)
hello = [{"role": "user", "content": "Say hello."}]
weather = {"name": "get_weather", "description": "Tells the weather", "parameters": WEATHER_SCHEMA, "strict": True}


class Place(BaseModel):
    city: str


def text():
    answer = client.chat.completions.create(model=MODEL, messages=hello)
    expect_text(answer.choices[0].message.content)
    assert answer.usage.total_tokens > 0


def stream():
    with client.chat.completions.stream(model=MODEL, messages=hello, stream_options={"include_usage": True}) as events:
        answer = events.get_final_completion()
    expect_text(answer.choices[0].message.content)
    assert answer.usage.total_tokens > 0


def tools():
    turns = [{"role": "user", "content": WEATHER_QUESTION}]
    offered = [{"type": "function", "function": weather}]
    message = client.chat.completions.create(model=MODEL, messages=turns, tools=offered).choices[0].message
    turns += [message, {"role": "tool", "tool_call_id": message.tool_calls[0].id, "content": WEATHER}]
    answer = client.chat.completions.create(model=MODEL, messages=turns, tools=offered)
    expect_weather(answer.choices[0].message.content)


def structured():
    answer = client.chat.completions.parse(model=MODEL, messages=hello, response_format=Place)
    assert isinstance(answer.choices[0].message.parsed, Place)


def responses():
    expect_text(client.responses.create(model=MODEL, input="Say hello.").output_text)


def responses_stream():
    with client.responses.stream(model=MODEL, input="Say hello.") as events:
        expect_text(events.get_final_response().output_text)


def responses_structured():
    assert isinstance(client.responses.parse(model=MODEL, input="A city.", text_format=Place).output_parsed, Place)


def embeddings():
    made = client.embeddings.create(model=EMBEDDING_MODEL, input=["one", "two"])
    assert len(made.data) == 2
    for one in made.data:
        expect_vector(one.embedding)


def files():
    file = client.files.create(file=("word.txt", b"The word is giraffe."), purpose="user_data")
    content = [{"type": "text", "text": "What is the word?"}, {"type": "file", "file": {"file_id": file.id}}]
    answer = client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": content}])
    assert "giraffe" in answer.choices[0].message.content
    assert client.files.delete(file.id).deleted


def models():
    assert MODEL in [model.id for model in client.models.list()]


report(
    {
        "text": text,
        "stream": stream,
        "tools": tools,
        "structured": structured,
        "responses": responses,
        "responses stream": responses_stream,
        "responses structured": responses_structured,
        "embeddings": embeddings,
        "files": files,
        "models": models,
    }
)
