// The Vercel AI SDK, unmodified, against the service: one line of JSON for each thing tried. DOOR says by which of its
// providers: OpenAI's `.chat`, OpenAI's default (responses), openai-compatible, or Anthropic's (messages).
import { embedMany, generateText, Output, stepCountIs, streamText, tool } from "ai";
import { z } from "zod";

const settings = { baseURL: process.env.BASE_URL, apiKey: process.env.SERVICE_KEY };
const named = {
  async chat() {
    const provider = (await import("@ai-sdk/openai")).createOpenAI(settings);
    return Object.assign((name) => provider.chat(name), { embedding: provider.embedding });
  },
  async responses() {
    return (await import("@ai-sdk/openai")).createOpenAI(settings);
  },
  async compatible() {
    // By itself it believes that nobody but OpenAI answers by a schema, and leaves the schema out.
    const more = { name: "atom", supportsStructuredOutputs: true };
    return (await import("@ai-sdk/openai-compatible")).createOpenAICompatible({ ...settings, ...more });
  },
  async messages() {
    return (await import("@ai-sdk/anthropic")).createAnthropic(settings);
  },
};
const provider = await named[process.env.PROVIDER ?? process.env.DOOR]();
const model = provider(process.env.MODEL);
const weather = tool({
  description: "The weather in a city",
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => `21 degrees in ${city}`,
});

const tried = {
  async chat() {
    const answer = await generateText({ model, prompt: "Say hello" });
    return { text: answer.text, finish: answer.finishReason, usage: answer.usage };
  },
  async stream() {
    const answer = streamText({ model, prompt: "Say hello" });
    let text = "";
    for await (const piece of answer.textStream) text += piece;
    return { text, finish: await answer.finishReason, usage: await answer.usage };
  },
  async tools() {
    const answer = await generateText({
      model,
      prompt: "The weather in parallel for Paris and Rome",
      tools: { get_weather: weather },
      stopWhen: stepCountIs(3),
    });
    return { steps: answer.steps.length, calls: answer.steps[0].toolCalls.length, text: answer.text };
  },
  async structured() {
    const schema = z.object({ name: z.string(), age: z.number() });
    const answer = await generateText({ model, prompt: "A person", output: Output.object({ schema }) });
    return { parsed: schema.safeParse(answer.output).success };
  },
  async embeddings() {
    const answer = await embedMany({
      model: provider.embedding(process.env.EMBEDDING_MODEL),
      values: ["one", "two"],
    });
    return { count: answer.embeddings.length, numbers: answer.embeddings.every((each) => typeof each[0] === "number") };
  },
  async unknownModel() {
    try {
      await generateText({ model: provider("no-such-model"), prompt: "Hello", maxRetries: 0 });
      return { refused: false };
    } catch (error) {
      return { refused: true, status: error.statusCode };
    }
  },
};

const wanted = process.argv.slice(2);
for (const [name, attempt] of Object.entries(tried)) {
  if (wanted.length && !wanted.includes(name)) continue;
  try {
    console.log(JSON.stringify({ name, ...(await attempt()) }));
  } catch (error) {
    console.log(JSON.stringify({ name, failed: `${error.constructor.name}: ${error.message}` }));
  }
}
