import anthropic
import instructor
import openai
from pydantic import BaseModel
from report import API_KEY, MODEL, ORIGIN, report


class Place(BaseModel):
    """A place."""

    city: str


chat = instructor.from_openai(openai.OpenAI(api_key=API_KEY, base_url=f"{ORIGIN}/v1", max_retries=0))
messages = instructor.from_anthropic(anthropic.Anthropic(api_key=API_KEY, base_url=ORIGIN, max_retries=0))
turns = [{"role": "user", "content": "A city."}]


def chat_structured():
    assert isinstance(chat.create(model=MODEL, messages=turns, response_model=Place, max_retries=0), Place)


def messages_structured():
    made = messages.create(model=MODEL, messages=turns, response_model=Place, max_tokens=1000, max_retries=0)
    assert isinstance(made, Place)


report({"chat structured": chat_structured, "messages structured": messages_structured})
