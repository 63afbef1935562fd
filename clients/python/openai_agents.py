from agents import Agent, OpenAIChatCompletionsModel, OpenAIResponsesModel, Runner, function_tool, set_tracing_disabled
from openai import AsyncOpenAI
from report import API_KEY, MODEL, ORIGIN, WEATHER, WEATHER_QUESTION, expect_text, expect_weather, report

set_tracing_disabled(True)
kinds = {"responses": OpenAIResponsesModel, "chat": OpenAIChatCompletionsModel}


@function_tool
def get_weather(city: str) -> str:
    """Tells the weather."""
    return WEATHER


def features_of(name, kind):
    def agent():
        client = AsyncOpenAI(api_key=API_KEY, base_url=f"{ORIGIN}/v1", max_retries=0)
        model = kind(model=MODEL, openai_client=client)
        return Agent(name="Guide", instructions="Be brief.", model=model, tools=[get_weather])

    async def text():
        expect_text((await Runner.run(agent(), "Say hello.")).final_output)

    async def tools():
        expect_weather((await Runner.run(agent(), WEATHER_QUESTION)).final_output)

    async def stream():
        streamed = Runner.run_streamed(agent(), WEATHER_QUESTION)
        async for _ in streamed.stream_events():
            pass
        expect_weather(streamed.final_output)

    return {f"{name} {run.__name__}": run for run in (text, tools, stream)}


report({feature: run for name, kind in kinds.items() for feature, run in features_of(name, kind).items()})
