// Ten operations with types that were generated from the document; `tsc --strict` has to accept it before it runs.

import createClient from "openapi-fetch";
import type { paths } from "./document";

declare const process: { env: Record<string, string> };

const model = process.env.MODEL;
const client = createClient<paths>({
  baseUrl: process.env.ROOT_URL,
  headers: { authorization: `Bearer ${process.env.SERVICE_KEY}` },
});
const body = { model, messages: [{ role: "user" as const, content: "hello" }], max_tokens: 20 };

function told(operation: string, isRight: boolean): void {
  console.log(JSON.stringify({ operation, is_right: isRight }));
}

const route = await client.POST("/v1/route", { body });
told("chat_route", route.data?.chosen === model);
const completed = await client.POST("/v1/chat/completions", { body });
const callId = completed.response.headers.get("x-llm-call-id") ?? "";
const answer = completed.data; // an object, or events as text where a stream is asked for
told("chat_completions", typeof answer === "object" && answer.model === model);
const models = await client.GET("/v1/models");
told("chat_models", models.data?.data.some((each) => each.id === model) ?? false);
const calls = await client.GET("/api/byok/usage/calls", { params: { query: { limit: 1 } } });
const listed = calls.data; // an object, or CSV as text where that is asked for
told("byok_calls", typeof listed === "object" && listed.data.items[0]?.call_id === callId);
const proof = await client.GET("/api/byok/usage/calls/{call_id}", { params: { path: { call_id: callId } } });
told("byok_call", proof.data?.data.call_id === callId);
const set = await client.PUT("/api/byok/budgets", { body: { scope: "tenant", window: "month", limit_usd: "100", mode: "hard", alert_at: [80] } });
told("byok_set_budget", set.data?.success === true);
const budgets = await client.GET("/api/byok/budgets");
told("byok_budgets", budgets.data?.data.items.some((each) => each.limit_usd === "100") ?? false);
const price = await client.GET("/api/ai/pricing/model/{model}", { params: { path: { model } } });
told("pricing_model", price.data?.data.id === model);
const estimate = await client.POST("/api/ai/pricing/estimate", { body: { model, input_tokens: 1000, output_tokens: 100 } });
told("pricing_estimate", estimate.data?.data.total_usd === "0.00021");
const tier = await client.POST("/api/cognitive-tiers/classify", { body: { prompt: "What is the capital of Mongolia?" } });
told("tiers_classification", tier.data?.data.tier === "micro");
