/** A chat, streamed: its text piece by piece, and what its headers and its last chunks say of it. */

import { ApiError, addressOf, type Body, send } from "./client";
import { EventReader } from "./event-stream";

export const CHAT = "/v1/chat/completions";
const DONE = "[DONE]";
const OURS = /^x-(llm-[a-z-]+|request-id)$/;

export type ChatBody = Body<typeof CHAT, "post">;

/** What is known of a call: the headers `x-llm-…` by their names, and how it ended. */
export interface Told {
  readonly headers: Readonly<Record<string, string>>;
  readonly finishReason: string | null;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
}

export const NOTHING_TOLD: Told = { headers: {}, finishReason: null, inputTokens: null, outputTokens: null };

interface Chunk {
  readonly choices?: readonly {
    readonly delta?: { readonly content?: string | null };
    finish_reason?: string | null;
  }[];
  readonly usage?: { readonly prompt_tokens: number; readonly completion_tokens: number } | null;
  readonly error?: { readonly message: string; readonly code?: string | null };
}

/** Send a chat and hand on each piece of its text and whatever else is told; throws ApiError, also amid the stream. */
export async function streamChat(
  body: ChatBody,
  on: { text: (piece: string) => void; told: (told: Told) => void },
  signal: AbortSignal,
): Promise<void> {
  const asked = { ...body, stream: true, stream_options: { include_usage: true } };
  const answer = await send({ verb: "post", address: addressOf(CHAT), body: asked }, { signal });
  const headers = Object.fromEntries([...answer.headers].filter(([name]) => OURS.test(name)));
  let told: Told = { ...NOTHING_TOLD, headers };
  on.told(told);
  let isWhole = false;
  for await (const { kind, text } of heard(answer)) {
    if (kind === "comment") {
      // Where the first content took long, headers follow as comments.
      const [name = "", value = ""] = text.split(/: (.*)/);
      if (OURS.test(name)) told = { ...told, headers: { ...told.headers, [name]: value } };
    } else if (text === DONE) {
      isWhole = true;
    } else {
      const chunk: Chunk = JSON.parse(text);
      if (chunk.error) throw failed(chunk.error, told);
      const [choice] = chunk.choices ?? [];
      if (choice?.delta?.content) on.text(choice.delta.content);
      told = {
        ...told,
        finishReason: choice?.finish_reason ?? told.finishReason,
        inputTokens: chunk.usage?.prompt_tokens ?? told.inputTokens,
        outputTokens: chunk.usage?.completion_tokens ?? told.outputTokens,
      };
    }
    on.told(told);
  }
  if (!isWhole) throw failed({ message: "The stream broke off before its end." }, told);
}

function failed(error: NonNullable<Chunk["error"]>, told: Told): ApiError {
  return new ApiError(error.message, 200, error.code ?? "broken_stream", told.headers["x-request-id"] ?? null);
}

async function* heard(answer: Response) {
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (!reader) return;
  const events = new EventReader();
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) yield* events.read(piece.value);
}
