from pydantic import BaseModel
from pydantic_ai import Agent
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.openai import OpenAIProvider
from report import API_KEY, MODEL, ORIGIN, WEATHER, WEATHER_QUESTION, expect_text, expect_weather, report

openai = OpenAIProvider(api_key=API_KEY, base_url=f"{ORIGIN}/v1")
surfaces = {
    "responses": OpenAIResponsesModel(MODEL, provider=openai),
    "chat": OpenAIChatModel(MODEL, provider=openai),
    "messages": AnthropicModel(MODEL, provider=AnthropicProvider(api_key=API_KEY, base_url=ORIGIN)),
}


class Place(BaseModel):
    city: str


def get_weather(city: str) -> str:
    """Tells the weather."""
    return WEATHER


def features_of(name, model):
    async def text():
        expect_text((await Agent(model).run("Say hello.")).output)

    async def stream():
        async with Agent(model).run_stream("Say hello.") as streamed:
            expect_text(await streamed.get_output())

    async def tools():
        expect_weather((await Agent(model, tools=[get_weather]).run(WEATHER_QUESTION)).output)

    async def structured():
        ran = await Agent(model, output_type=Place).run("A city.")
        assert isinstance(ran.output, Place)

    return {f"{name} {run.__name__}": run for run in (text, stream, tools, structured)}


report({feature: run for name, model in surfaces.items() for feature, run in features_of(name, model).items()})
