// Runs the features of OpenAI's SDK for Go and prints a line of JSON for each: {"feature", "ok", "detail"}.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/responses"
)

// The question at which every simulated model calls the tool get_weather, once.
const question = "Use get_weather to tell me the weather in Paris."
const weather = "sunny, 21 degrees"

var model = os.Getenv("CLIENT_MODEL")
var client = openai.NewClient(
	option.WithAPIKey(os.Getenv("CLIENT_KEY")),
	option.WithBaseURL(os.Getenv("CLIENT_ORIGIN")+"/v1"),
	option.WithMaxRetries(0),
)

func report(feature string, run func() error) {
	err := run()
	detail := ""
	if err != nil {
		detail = err.Error()
	}
	line, _ := json.Marshal(map[string]any{"feature": feature, "ok": err == nil, "detail": detail})
	fmt.Println(string(line))
}

func expectText(text string, err error) error {
	if err == nil && len(strings.TrimSpace(text)) < 4 {
		return fmt.Errorf("no text: %q", text)
	}
	return err
}

func expectWeather(text string, err error) error {
	if err == nil && !strings.Contains(text, weather) {
		return fmt.Errorf("no result of the tool: %q", text)
	}
	return err
}

func ask(ctx context.Context, params openai.ChatCompletionNewParams) (*openai.ChatCompletionMessage, error) {
	params.Model = model
	answer, err := client.Chat.Completions.New(ctx, params)
	if err != nil {
		return nil, err
	}
	return &answer.Choices[0].Message, nil
}

func tools(ctx context.Context) error {
	schema := openai.FunctionParameters{
		"type":       "object",
		"properties": map[string]any{"city": map[string]string{"type": "string"}},
		"required":   []string{"city"},
	}
	params := openai.ChatCompletionNewParams{
		Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage(question)},
		Tools: []openai.ChatCompletionToolUnionParam{
			openai.ChatCompletionFunctionTool(openai.FunctionDefinitionParam{Name: "get_weather", Parameters: schema}),
		},
	}
	called, err := ask(ctx, params)
	if err != nil {
		return err
	}
	if len(called.ToolCalls) == 0 {
		return fmt.Errorf("no tool was called")
	}
	params.Messages = append(params.Messages, called.ToParam(), openai.ToolMessage(weather, called.ToolCalls[0].ID))
	answer, err := ask(ctx, params)
	if err != nil {
		return err
	}
	return expectWeather(answer.Content, nil)
}

func main() {
	ctx := context.Background()
	hello := []openai.ChatCompletionMessageParamUnion{openai.UserMessage("Say hello.")}
	report("text", func() error {
		message, err := ask(ctx, openai.ChatCompletionNewParams{Messages: hello})
		if err != nil {
			return err
		}
		return expectText(message.Content, nil)
	})
	report("stream", func() error {
		stream := client.Chat.Completions.NewStreaming(ctx, openai.ChatCompletionNewParams{Model: model, Messages: hello})
		whole := openai.ChatCompletionAccumulator{}
		for stream.Next() {
			whole.AddChunk(stream.Current())
		}
		if stream.Err() != nil {
			return stream.Err()
		}
		return expectText(whole.Choices[0].Message.Content, nil)
	})
	report("tools", func() error { return tools(ctx) })
	report("responses", func() error {
		answer, err := client.Responses.New(ctx, responses.ResponseNewParams{
			Model: model,
			Input: responses.ResponseNewParamsInputUnion{OfString: openai.String("Say hello.")},
		})
		if err != nil {
			return err
		}
		return expectText(answer.OutputText(), nil)
	})
}
