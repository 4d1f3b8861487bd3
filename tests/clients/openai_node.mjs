// The official OpenAI client for Node, unmodified, against the service: one line of JSON for each thing that was tried.
import OpenAI from "openai";
import { zodResponseFormat } from "openai/helpers/zod";
import { z } from "zod";

const client = new OpenAI({ baseURL: process.env.BASE_URL, apiKey: process.env.SERVICE_KEY, maxRetries: 2 });
const model = process.env.MODEL;
const hello = [{ role: "user", content: "Say hello" }];
const weather = {
  type: "function",
  function: {
    name: "get_weather",
    description: "The weather in a city",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
};
const weatherIn = (call) => `21 degrees in ${JSON.parse(call.function.arguments).city}`;
const picture =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

const tried = {
  async chat() {
    const answer = await client.chat.completions.create({ model, messages: hello });
    const choice = answer.choices[0];
    return { model: answer.model, text: choice.message.content, finish: choice.finish_reason, usage: answer.usage };
  },
  async stream() {
    let text = "";
    let usage = null;
    let finish = null;
    const stream = await client.chat.completions.create({
      model,
      messages: hello,
      stream: true,
      stream_options: { include_usage: true },
    });
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta?.content ?? "";
      finish = chunk.choices[0]?.finish_reason ?? finish;
      usage = chunk.usage ?? usage;
    }
    return { text, finish, usage };
  },
  async streamHelper() {
    const stream = client.chat.completions.stream({ model, messages: hello });
    return { text: await stream.finalContent() };
  },
  async tools() {
    const answer = await client.chat.completions.create({ model, messages: hello, tools: [weather] });
    const calls = answer.choices[0].message.tool_calls ?? [];
    const messages = [
      ...hello,
      answer.choices[0].message,
      ...calls.map((call) => ({ role: "tool", tool_call_id: call.id, content: weatherIn(call) })),
    ];
    const second = await client.chat.completions.create({ model, messages, tools: [weather] });
    return {
      finish: answer.choices[0].finish_reason,
      names: calls.map((call) => call.function.name),
      parsed: calls.every((call) => typeof JSON.parse(call.function.arguments) === "object"),
      text: second.choices[0].message.content,
    };
  },
  async parallelTools() {
    const messages = [{ role: "user", content: "The weather in parallel for Paris and Rome" }];
    const stream = client.chat.completions.stream({ model, messages, tools: [weather] });
    const message = await stream.finalMessage();
    return { calls: message.tool_calls.length, ids: new Set(message.tool_calls.map((call) => call.id)).size };
  },
  async vision() {
    const content = [
      { type: "text", text: "What is this?" },
      { type: "image_url", image_url: { url: picture } },
    ];
    const answer = await client.chat.completions.create({ model, messages: [{ role: "user", content }] });
    return { text: answer.choices[0].message.content };
  },
  async structured() {
    const Person = z.object({ name: z.string(), age: z.number().int() });
    const answer = await client.chat.completions.parse({
      model,
      messages: hello,
      response_format: zodResponseFormat(Person, "person"),
    });
    return { parsed: Person.safeParse(answer.choices[0].message.parsed).success };
  },
  async embeddings() {
    const answer = await client.embeddings.create({ model: process.env.EMBEDDING_MODEL, input: ["one", "two"] });
    return { count: answer.data.length, numbers: answer.data.every((each) => typeof each.embedding[0] === "number") };
  },
  async models() {
    const ids = [];
    for await (const each of client.models.list()) ids.push(each.id);
    const one = await client.models.retrieve(ids[0]);
    return { count: ids.length, has: ids.includes(model), one: one.id === ids[0] };
  },
  async badKey() {
    const other = new OpenAI({ baseURL: process.env.BASE_URL, apiKey: "nobody's", maxRetries: 0 });
    return refused(other.chat.completions.create({ model, messages: hello }));
  },
  async unknownModel() {
    return refused(client.chat.completions.create({ model: "no-such-model", messages: hello }));
  },
  async badRequest() {
    return refused(client.chat.completions.create({ model, messages: [] }));
  },
};

async function refused(promise) {
  try {
    await promise;
    return { refused: false };
  } catch (error) {
    return { refused: true, kind: error.constructor.name, status: error.status, code: error.code, param: error.param };
  }
}

const wanted = process.argv.slice(2);
for (const [name, attempt] of Object.entries(tried)) {
  if (wanted.length && !wanted.includes(name)) continue;
  try {
    console.log(JSON.stringify({ name, ...(await attempt()) }));
  } catch (error) {
    console.log(JSON.stringify({ name, failed: `${error.constructor.name}: ${error.message}` }));
  }
}
