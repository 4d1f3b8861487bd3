// Anthropic's SDK for TypeScript, unmodified, against the service: one line of JSON for each thing that was tried.
import Anthropic from "@anthropic-ai/sdk";
import { betaZodTool } from "@anthropic-ai/sdk/helpers/beta/zod";
import { zodOutputFormat } from "@anthropic-ai/sdk/helpers/zod";
import { z } from "zod";

const client = new Anthropic({ baseURL: process.env.BASE_URL.replace(/\/v1$/, ""), apiKey: process.env.SERVICE_KEY });
const asking = (content) => ({ model: process.env.MODEL, max_tokens: 500, messages: [{ role: "user", content }] });
const textOf = (message) => message.content.map((block) => block.text ?? "").join("");
const weather = betaZodTool({
  name: "get_weather",
  description: "The weather in a city",
  inputSchema: z.object({ city: z.string() }),
  run: ({ city }) => `21 degrees in ${city}`,
});

const tried = {
  async chat() {
    return { text: textOf(await client.messages.create(asking("Say hello"))) };
  },
  async stream() {
    let text = "";
    let pieces = 0;
    const stream = client.messages.stream(asking("Say hello"));
    stream.on("text", (piece) => {
      text += piece;
      pieces += 1;
    });
    await stream.finalMessage();
    return { text, pieces };
  },
  async tools() {
    const runner = client.beta.messages.toolRunner({ ...asking("The weather in Paris"), tools: [weather] });
    return { text: textOf(await runner.runUntilDone()) };
  },
  async structured() {
    const Person = z.object({ name: z.string(), age: z.number().int() });
    const message = await client.messages.parse({
      ...asking("A person"),
      output_config: { format: zodOutputFormat(Person) },
    });
    return { parsed: Person.safeParse(message.parsed_output).success };
  },
};

for (const name of process.argv.slice(2)) {
  try {
    console.log(JSON.stringify({ name, ...(await tried[name]()) }));
  } catch (error) {
    console.log(JSON.stringify({ name, failed: `${error.constructor.name}: ${error.message}` }));
  }
}
