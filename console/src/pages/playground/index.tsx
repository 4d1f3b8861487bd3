/** The playground: a prompt to a model, a chain or `auto`, its answer as it comes, and what it cost beside it. */

import { useState } from "preact/hooks";
import { setParams, useAddress } from "../../address";
import { CHAT, type ChatBody } from "../../api/chat-stream";
import { addressOf, call } from "../../api/client";
import { useAnswer } from "../../api/use-answer";
import type { PageProps } from "../../pages";
import { CopyAsCurl } from "../../parts/actions";
import { TextFilter } from "../../parts/controls";
import { Failed } from "../../parts/states";
import { may } from "../../session";
import { type Exchange, useExchange } from "./exchange";
import { PastCalls } from "./past-calls";
import { Receipt } from "./receipt";
import { Refusal } from "./refusal";
import { Standing } from "./standing";

const MODELS = "/v1/models";
const DEFAULT_MODEL = "auto";
const MOST_OUTPUT = /^[1-9]\d{0,6}$/;

export default function Playground({ caller }: PageProps) {
  const [past, setPast] = useState<readonly Exchange[]>([]);
  const me = useAnswer("me", (signal) => call("get", "/v1/me", {}, signal));
  const { exchange, begin, stop } = useExchange(may(caller, "usage:read"), (ended) => {
    setPast((was) => [ended, ...was]);
    me.again();
  });
  return (
    <>
      <div class="cards">
        <section class="card">
          <h2>Prompt</h2>
          <Prompt isStreaming={exchange?.state === "streaming"} onSend={begin} onStop={stop} />
        </section>
        <Standing me={me} />
      </div>
      {exchange && (
        <div class="cards">
          <section class="card">
            <h2>Answer</h2>
            <p class="answer" aria-live="polite" aria-busy={exchange.state === "streaming"}>
              {exchange.text}
            </p>
            {exchange.state === "streaming" && <p class="quiet">{exchange.text ? "Streaming…" : "Asked…"}</p>}
            {exchange.state === "stopped" && <p class="warn">Stopped here; what had been used by then is charged.</p>}
            {exchange.state === "failed" && <Failed error={exchange.error} />}
            {exchange.state === "failed" && <Refusal error={exchange.error} />}
          </section>
          <Receipt exchange={exchange} />
        </div>
      )}
      <PastCalls past={past} />
    </>
  );
}

interface PromptProps {
  readonly isStreaming: boolean;
  readonly onSend: (body: ChatBody) => void;
  readonly onStop: () => void;
}

function Prompt({ isStreaming, onSend, onStop }: PromptProps) {
  const { params } = useAddress();
  const [system, setSystem] = useState("");
  const [prompt, setPrompt] = useState("");
  const models = useAnswer("models", (signal) => call("get", MODELS, {}, signal));
  const most = params.get("max_tokens") ?? "";
  const user = { role: "user" as const, content: prompt };
  const body: ChatBody = {
    model: params.get("model") || DEFAULT_MODEL,
    messages: system.trim() === "" ? [user] : [{ role: "system", content: system }, user],
    ...(MOST_OUTPUT.test(most) && { max_completion_tokens: Number(most) }),
  };
  const submit = (event: Event) => {
    event.preventDefault();
    onSend(body);
  };
  return (
    <form class="stack" onSubmit={submit}>
      <div class="toolbar">
        <label class="filter">
          Model, a chain of them, a tier or auto
          <input
            type="search"
            list="callable-models"
            value={params.get("model") ?? ""}
            placeholder={DEFAULT_MODEL}
            onInput={(event) => setParams({ model: event.currentTarget.value })}
          />
        </label>
        <datalist id="callable-models">
          {models.answer.state === "there" &&
            models.answer.data.map((each) => <option key={each.id} value={each.id} />)}
        </datalist>
        <TextFilter label="Output at most, tokens" param="max_tokens" placeholder="the model's own" />
      </div>
      <label class="filter">
        System prompt
        <textarea rows={2} value={system} onInput={(event) => setSystem(event.currentTarget.value)} />
      </label>
      <label class="filter">
        Prompt
        <textarea rows={5} required value={prompt} onInput={(event) => setPrompt(event.currentTarget.value)} />
      </label>
      <div class="toolbar">
        {isStreaming ? (
          <button type="button" onClick={onStop}>
            Stop
          </button>
        ) : (
          <button type="submit" class="primary">
            Send
          </button>
        )}
        <CopyAsCurl request={{ verb: "post", address: addressOf(CHAT), body: { ...body, stream: true } }} />
      </div>
      <p class="quiet">What is sent here is a call like any other: it is charged, and the prompt is kept nowhere.</p>
    </form>
  );
}
