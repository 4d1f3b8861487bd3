// Written by `make console-types` from the group's OpenAPI document.

export interface paths {
    "/v1/chat/completions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["chat_completions"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/embeddings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["chat_embeddings"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["chat_messages"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/messages/count_tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["chat_count_tokens"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/responses": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["chat_responses"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/responses/input_tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["chat_input_tokens"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/responses/{response_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["chat_kept"];
        put?: never;
        post?: never;
        delete: operations["chat_forget"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/responses/{response_id}/input_items": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["chat_input_items"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/responses/{response_id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["chat_cancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/route": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["chat_route"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["chat_models"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models/{model}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["chat_model"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/moderations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["chat_moderations"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/images/generations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["chat_images"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audio/speech": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["chat_speech"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audio/transcriptions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["chat_transcriptions"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["chat_me"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["chat_health"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        AnthropicErrorBody: {
            type: string;
            message: string;
            details?: components["schemas"]["AnthropicErrorDetails"] | null;
        };
        AnthropicErrorDetails: {
            error_code: string;
            unsupported?: string[] | null;
        } & {
            [key: string]: unknown;
        };
        AnthropicFailure: {
            /**
             * @default error
             * @constant
             */
            type: "error";
            error: components["schemas"]["AnthropicErrorBody"];
            request_id?: string | null;
        };
        CallableModelOut: {
            id: string;
            /** @constant */
            object: "model";
            created: number;
            owned_by: string;
            mode: string;
            max_input_tokens: number | null;
            max_output_tokens: number | null;
            capabilities: string[];
        };
        CallableModelsOut: {
            /** @constant */
            object: "list";
            data: components["schemas"]["CallableModelOut"][];
            has_more: boolean;
            first_id: string | null;
            last_id: string | null;
        };
        CandidateOut: {
            model: string;
            provider: string;
            expected_cost_usd: string;
            most_cost_usd: string;
            output_limit: number;
            quality: number | null;
            value: number | null;
        };
        ChatChoiceOut: {
            index: number;
            message: {
                [key: string]: unknown;
            };
            finish_reason: string | null;
        } & {
            [key: string]: unknown;
        };
        ChatOut: {
            id: string;
            /** @constant */
            object: "chat.completion";
            created: number;
            model: string;
            choices: components["schemas"]["ChatChoiceOut"][];
            usage?: {
                [key: string]: unknown;
            } | null;
        } & {
            [key: string]: unknown;
        };
        CountOut: {
            input_tokens: number;
        } & {
            [key: string]: unknown;
        };
        DeletedOut: {
            id: string;
            deleted: boolean;
        } & {
            [key: string]: unknown;
        };
        EmbeddingsOut: {
            /** @constant */
            object: "list";
            model: string;
            data: {
                [key: string]: unknown;
            }[];
            usage?: {
                [key: string]: unknown;
            } | null;
        } & {
            [key: string]: unknown;
        };
        ExcludedOut: {
            model: string;
            reason: string;
            detail: string;
            field: string | null;
            expected_cost_usd: string | null;
        };
        FunctionHealth: {
            /** @constant */
            status: "ok";
            group: string;
            environment: string;
            version: string;
        };
        ImageOut: {
            data: {
                [key: string]: unknown;
            }[];
            usage?: {
                [key: string]: unknown;
            } | null;
        } & {
            [key: string]: unknown;
        };
        InputItemsOut: {
            /** @constant */
            object: "list";
            data: {
                [key: string]: unknown;
            }[];
            has_more: boolean;
            first_id?: string | null;
            last_id?: string | null;
        } & {
            [key: string]: unknown;
        };
        InputTokensOut: {
            /** @constant */
            object: "response.input_tokens";
            input_tokens: number;
        } & {
            [key: string]: unknown;
        };
        MeOut: {
            /**
             * @default me
             * @constant
             */
            object: "me";
            tenant: string;
            service_key: string;
            label: string | null;
            expires_at: string | null;
            person: string | null;
            team: string | null;
            issuer: string | null;
            scopes: components["schemas"]["Scope"][];
            limits: components["schemas"]["MyLimitsOut"];
            allowed_models: components["schemas"]["MyAllowListOut"][];
            budgets: components["schemas"]["MyBudgetOut"][];
            budgets_of_calls: components["schemas"]["MyBudgetOut"][];
            budget_remaining_usd: string | null;
            session: components["schemas"]["SessionOut"] | null;
        };
        MessageOut: {
            id: string;
            /** @constant */
            type: "message";
            /** @constant */
            role: "assistant";
            model: string;
            content: {
                [key: string]: unknown;
            }[];
            stop_reason: string | null;
            stop_sequence?: string | null;
            usage: {
                [key: string]: unknown;
            };
        } & {
            [key: string]: unknown;
        };
        ModerationOut: {
            model: string;
            results: {
                [key: string]: unknown;
            }[];
        } & {
            [key: string]: unknown;
        };
        MyAllowListOut: {
            scope: string;
            models: string[];
        };
        MyBudgetOut: {
            scope: string;
            set_for: string;
            window: components["schemas"]["WindowKind"];
            window_id: string;
            /** @enum {string} */
            unit: "usd" | "tokens" | "calls";
            /** @enum {string} */
            mode: "hard" | "soft";
            limit: string;
            spent: string;
            held: string;
            remaining: string;
            resets_at: string | null;
            next_free: components["schemas"]["MyNextFreeOut"] | null;
            runs_out_at: string | null;
        };
        MyLimitsOut: {
            requests_per_minute: number | null;
            tokens_per_minute: number | null;
        };
        MyNextFreeOut: {
            /** Format: date-time */
            at: string;
            amount: string;
        };
        OpenAIErrorBody: {
            message: string;
            type: string;
            param?: string | null;
            code?: string | null;
            details?: {
                [key: string]: unknown;
            } | null;
        };
        OpenAIFailure: {
            error: components["schemas"]["OpenAIErrorBody"];
        };
        OwnNameOut: {
            name: string;
            stands_for: string;
        };
        ResponsesOut: {
            id: string;
            /** @constant */
            object: "response";
            created_at: number;
            /** @enum {string} */
            status: "completed" | "incomplete";
            model: string;
            output: {
                [key: string]: unknown;
            }[];
            usage?: {
                [key: string]: unknown;
            } | null;
            store?: boolean | null;
        } & {
            [key: string]: unknown;
        };
        RouteCacheOut: {
            model: string;
            provider_key: string;
            cached_tokens: number;
            worth_usd: string;
            instead: string | null;
            saving_usd: string | null;
            kept: boolean;
        };
        RouteOut: {
            /** @constant */
            object: "route";
            asked: string;
            own_names: components["schemas"]["OwnNameOut"][];
            chosen: string | null;
            runner_up: components["schemas"]["CandidateOut"] | null;
            candidates: components["schemas"]["CandidateOut"][];
            excluded: components["schemas"]["ExcludedOut"][];
            tier: components["schemas"]["RouteTierOut"] | null;
            cache: components["schemas"]["RouteCacheOut"] | null;
            prompt_tokens_estimated: number;
            price_version: string;
        };
        RouteSignalOut: {
            name: string;
            weight: number;
            evidence: string;
        };
        RouteTierOut: {
            tier: string;
            why: string;
            minimum_quality: number;
            prefer: string;
            score: number | null;
            tokens: number | null;
            confidence: number | null;
            signals: components["schemas"]["RouteSignalOut"][];
        };
        /** @enum {string} */
        Scope: "chat" | "usage:read" | "keys:read" | "keys:write" | "prefs:write" | "budgets:write" | "catalog:write" | "admin";
        SessionOut: {
            id: string;
            calls: number;
            cost_usd: string;
            run_cost_usd: string | null;
        };
        TranscriptionOut: {
            text: string;
            usage?: {
                [key: string]: unknown;
            } | null;
        } & {
            [key: string]: unknown;
        };
        /** @enum {string} */
        WindowKind: "minute" | "rolling-minute" | "hour" | "rolling-hour" | "day" | "rolling-day" | "week" | "rolling-week" | "month" | "rolling-month" | "quarter" | "rolling-quarter" | "total";
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    chat_completions: {
        parameters: {
            query?: never;
            header?: {
                "x-llm-tags"?: string;
                "x-llm-max-cost-usd"?: string;
                "x-llm-timeout-ms"?: number;
                "x-llm-stream-guard"?: "buffer";
                "x-llm-run-id"?: string;
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    model: string;
                    messages: ({
                        /** @enum {string} */
                        role: "system" | "developer" | "user" | "assistant" | "tool" | "function";
                        content?: string | {
                            [key: string]: unknown;
                        }[] | null;
                    } & {
                        [key: string]: unknown;
                    })[];
                    stream?: boolean | null;
                    stream_options?: {
                        [key: string]: unknown;
                    } | null;
                    max_completion_tokens?: number | null;
                    max_tokens?: number | null;
                    n?: number | null;
                    tools?: {
                        [key: string]: unknown;
                    }[] | null;
                    response_format?: {
                        [key: string]: unknown;
                    } | null;
                } & {
                    [key: string]: unknown;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    "x-llm-call-id"?: string;
                    "x-llm-provider"?: string;
                    "x-llm-model"?: string;
                    "x-llm-own-name"?: string;
                    "x-llm-tier"?: string;
                    "x-llm-slowed-down"?: string;
                    "x-llm-stepped-down"?: string;
                    "x-llm-attempts"?: string;
                    "x-llm-escalated"?: string;
                    "x-llm-cost-usd"?: string;
                    "x-llm-budget-remaining-usd"?: string;
                    "x-llm-overflow"?: string;
                    "x-llm-run-cost-usd"?: string;
                    "x-llm-warnings"?: string;
                    "x-llm-idempotent-replay"?: string;
                    "x-request-id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChatOut"];
                    "text/event-stream": string;
                };
            };
        };
    };
    chat_embeddings: {
        parameters: {
            query?: never;
            header?: {
                "x-llm-tags"?: string;
                "x-llm-max-cost-usd"?: string;
                "x-llm-timeout-ms"?: number;
                "x-llm-stream-guard"?: "buffer";
                "x-llm-run-id"?: string;
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    model: string;
                    input: string | string[] | number[] | number[][];
                    dimensions?: number | null;
                    encoding_format?: ("float" | "base64") | null;
                } & {
                    [key: string]: unknown;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    "x-llm-call-id"?: string;
                    "x-llm-provider"?: string;
                    "x-llm-model"?: string;
                    "x-llm-own-name"?: string;
                    "x-llm-tier"?: string;
                    "x-llm-slowed-down"?: string;
                    "x-llm-stepped-down"?: string;
                    "x-llm-attempts"?: string;
                    "x-llm-escalated"?: string;
                    "x-llm-cost-usd"?: string;
                    "x-llm-budget-remaining-usd"?: string;
                    "x-llm-overflow"?: string;
                    "x-llm-run-cost-usd"?: string;
                    "x-llm-warnings"?: string;
                    "x-llm-idempotent-replay"?: string;
                    "x-request-id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EmbeddingsOut"];
                };
            };
        };
    };
    chat_messages: {
        parameters: {
            query?: {
                beta?: boolean;
            };
            header?: {
                "x-llm-tags"?: string;
                "x-llm-max-cost-usd"?: string;
                "x-llm-timeout-ms"?: number;
                "x-llm-stream-guard"?: "buffer";
                "x-llm-run-id"?: string;
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    model: string;
                    messages: ({
                        /** @enum {string} */
                        role: "user" | "assistant" | "system";
                        content: string | {
                            [key: string]: unknown;
                        }[];
                    } & {
                        [key: string]: unknown;
                    })[];
                    system?: string | {
                        [key: string]: unknown;
                    }[] | null;
                    tools?: {
                        [key: string]: unknown;
                    }[] | null;
                    max_tokens: number;
                    stream?: boolean | null;
                } & {
                    [key: string]: unknown;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    "x-llm-call-id"?: string;
                    "x-llm-provider"?: string;
                    "x-llm-model"?: string;
                    "x-llm-own-name"?: string;
                    "x-llm-tier"?: string;
                    "x-llm-slowed-down"?: string;
                    "x-llm-stepped-down"?: string;
                    "x-llm-attempts"?: string;
                    "x-llm-escalated"?: string;
                    "x-llm-cost-usd"?: string;
                    "x-llm-budget-remaining-usd"?: string;
                    "x-llm-overflow"?: string;
                    "x-llm-run-cost-usd"?: string;
                    "x-llm-warnings"?: string;
                    "x-llm-idempotent-replay"?: string;
                    "x-request-id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MessageOut"];
                    "text/event-stream": string;
                };
            };
        };
    };
    chat_count_tokens: {
        parameters: {
            query?: {
                beta?: boolean;
            };
            header?: {
                "x-llm-tags"?: string;
                "x-llm-max-cost-usd"?: string;
                "x-llm-timeout-ms"?: number;
                "x-llm-stream-guard"?: "buffer";
                "x-llm-run-id"?: string;
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    model: string;
                    messages: ({
                        /** @enum {string} */
                        role: "user" | "assistant" | "system";
                        content: string | {
                            [key: string]: unknown;
                        }[];
                    } & {
                        [key: string]: unknown;
                    })[];
                    system?: string | {
                        [key: string]: unknown;
                    }[] | null;
                    tools?: {
                        [key: string]: unknown;
                    }[] | null;
                } & {
                    [key: string]: unknown;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CountOut"];
                };
            };
        };
    };
    chat_responses: {
        parameters: {
            query?: never;
            header?: {
                "x-llm-tags"?: string;
                "x-llm-max-cost-usd"?: string;
                "x-llm-timeout-ms"?: number;
                "x-llm-stream-guard"?: "buffer";
                "x-llm-run-id"?: string;
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    model: string;
                    input: string | {
                        [key: string]: unknown;
                    }[];
                    instructions?: string | null;
                    tools?: {
                        [key: string]: unknown;
                    }[] | null;
                    stream?: boolean | null;
                    max_output_tokens?: number | null;
                } & {
                    [key: string]: unknown;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    "x-llm-call-id"?: string;
                    "x-llm-provider"?: string;
                    "x-llm-model"?: string;
                    "x-llm-own-name"?: string;
                    "x-llm-tier"?: string;
                    "x-llm-slowed-down"?: string;
                    "x-llm-stepped-down"?: string;
                    "x-llm-attempts"?: string;
                    "x-llm-escalated"?: string;
                    "x-llm-cost-usd"?: string;
                    "x-llm-budget-remaining-usd"?: string;
                    "x-llm-overflow"?: string;
                    "x-llm-run-cost-usd"?: string;
                    "x-llm-warnings"?: string;
                    "x-llm-idempotent-replay"?: string;
                    "x-request-id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ResponsesOut"];
                    "text/event-stream": string;
                };
            };
        };
    };
    chat_input_tokens: {
        parameters: {
            query?: never;
            header?: {
                "x-llm-tags"?: string;
                "x-llm-max-cost-usd"?: string;
                "x-llm-timeout-ms"?: number;
                "x-llm-stream-guard"?: "buffer";
                "x-llm-run-id"?: string;
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    model: string;
                    input: string | {
                        [key: string]: unknown;
                    }[];
                    instructions?: string | null;
                    tools?: {
                        [key: string]: unknown;
                    }[] | null;
                } & {
                    [key: string]: unknown;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InputTokensOut"];
                };
            };
        };
    };
    chat_kept: {
        parameters: {
            query?: {
                "include[]"?: ("file_search_call.results" | "web_search_call.results" | "web_search_call.action.sources" | "message.input_image.image_url" | "computer_call_output.output.image_url" | "code_interpreter_call.outputs" | "reasoning.encrypted_content" | "message.output_text.logprobs")[] | null;
            };
            header?: never;
            path: {
                response_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ResponsesOut"];
                };
            };
        };
    };
    chat_forget: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                response_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeletedOut"];
                };
            };
        };
    };
    chat_input_items: {
        parameters: {
            query?: {
                after?: string | null;
                limit?: number | null;
                order?: ("asc" | "desc") | null;
                "include[]"?: ("file_search_call.results" | "web_search_call.results" | "web_search_call.action.sources" | "message.input_image.image_url" | "computer_call_output.output.image_url" | "code_interpreter_call.outputs" | "reasoning.encrypted_content" | "message.output_text.logprobs")[] | null;
            };
            header?: never;
            path: {
                response_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InputItemsOut"];
                };
            };
        };
    };
    chat_cancel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                response_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ResponsesOut"];
                };
            };
        };
    };
    chat_route: {
        parameters: {
            query?: never;
            header?: {
                "x-llm-tags"?: string;
                "x-llm-max-cost-usd"?: string;
                "x-llm-timeout-ms"?: number;
                "x-llm-stream-guard"?: "buffer";
                "x-llm-run-id"?: string;
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    model: string;
                    messages: ({
                        /** @enum {string} */
                        role: "system" | "developer" | "user" | "assistant" | "tool" | "function";
                        content?: string | {
                            [key: string]: unknown;
                        }[] | null;
                    } & {
                        [key: string]: unknown;
                    })[];
                    stream?: boolean | null;
                    stream_options?: {
                        [key: string]: unknown;
                    } | null;
                    max_completion_tokens?: number | null;
                    max_tokens?: number | null;
                    n?: number | null;
                    tools?: {
                        [key: string]: unknown;
                    }[] | null;
                    response_format?: {
                        [key: string]: unknown;
                    } | null;
                } & {
                    [key: string]: unknown;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RouteOut"];
                };
            };
        };
    };
    chat_models: {
        parameters: {
            query?: {
                limit?: number | null;
                after_id?: string | null;
                before_id?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CallableModelsOut"];
                };
            };
        };
    };
    chat_model: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                model: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CallableModelOut"];
                };
            };
        };
    };
    chat_moderations: {
        parameters: {
            query?: never;
            header?: {
                "x-llm-tags"?: string;
                "x-llm-max-cost-usd"?: string;
                "x-llm-timeout-ms"?: number;
                "x-llm-stream-guard"?: "buffer";
                "x-llm-run-id"?: string;
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @default omni-moderation-latest */
                    model?: string;
                    input: string | string[] | {
                        [key: string]: unknown;
                    }[];
                } & {
                    [key: string]: unknown;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    "x-llm-call-id"?: string;
                    "x-llm-provider"?: string;
                    "x-llm-model"?: string;
                    "x-llm-own-name"?: string;
                    "x-llm-tier"?: string;
                    "x-llm-slowed-down"?: string;
                    "x-llm-stepped-down"?: string;
                    "x-llm-attempts"?: string;
                    "x-llm-escalated"?: string;
                    "x-llm-cost-usd"?: string;
                    "x-llm-budget-remaining-usd"?: string;
                    "x-llm-overflow"?: string;
                    "x-llm-run-cost-usd"?: string;
                    "x-llm-warnings"?: string;
                    "x-llm-idempotent-replay"?: string;
                    "x-request-id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModerationOut"];
                };
            };
        };
    };
    chat_images: {
        parameters: {
            query?: never;
            header?: {
                "x-llm-tags"?: string;
                "x-llm-max-cost-usd"?: string;
                "x-llm-timeout-ms"?: number;
                "x-llm-stream-guard"?: "buffer";
                "x-llm-run-id"?: string;
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    model: string;
                    prompt: string;
                    n?: number | null;
                    size?: string | null;
                    quality?: string | null;
                } & {
                    [key: string]: unknown;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    "x-llm-call-id"?: string;
                    "x-llm-provider"?: string;
                    "x-llm-model"?: string;
                    "x-llm-own-name"?: string;
                    "x-llm-tier"?: string;
                    "x-llm-slowed-down"?: string;
                    "x-llm-stepped-down"?: string;
                    "x-llm-attempts"?: string;
                    "x-llm-escalated"?: string;
                    "x-llm-cost-usd"?: string;
                    "x-llm-budget-remaining-usd"?: string;
                    "x-llm-overflow"?: string;
                    "x-llm-run-cost-usd"?: string;
                    "x-llm-warnings"?: string;
                    "x-llm-idempotent-replay"?: string;
                    "x-request-id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImageOut"];
                };
            };
        };
    };
    chat_speech: {
        parameters: {
            query?: never;
            header?: {
                "x-llm-tags"?: string;
                "x-llm-max-cost-usd"?: string;
                "x-llm-timeout-ms"?: number;
                "x-llm-stream-guard"?: "buffer";
                "x-llm-run-id"?: string;
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    model: string;
                    input: string;
                    voice: string | {
                        [key: string]: unknown;
                    };
                    instructions?: string | null;
                    response_format?: ("mp3" | "opus" | "aac" | "flac" | "wav" | "pcm") | null;
                    speed?: number | null;
                    stream_format?: "audio" | null;
                } & {
                    [key: string]: unknown;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    "x-llm-call-id"?: string;
                    "x-llm-provider"?: string;
                    "x-llm-model"?: string;
                    "x-llm-own-name"?: string;
                    "x-llm-tier"?: string;
                    "x-llm-slowed-down"?: string;
                    "x-llm-stepped-down"?: string;
                    "x-llm-attempts"?: string;
                    "x-llm-escalated"?: string;
                    "x-llm-cost-usd"?: string;
                    "x-llm-budget-remaining-usd"?: string;
                    "x-llm-overflow"?: string;
                    "x-llm-run-cost-usd"?: string;
                    "x-llm-warnings"?: string;
                    "x-llm-idempotent-replay"?: string;
                    "x-request-id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "audio/mpeg": string;
                    "audio/ogg": string;
                    "audio/aac": string;
                    "audio/flac": string;
                    "audio/wav": string;
                    "audio/pcm": string;
                };
            };
        };
    };
    chat_transcriptions: {
        parameters: {
            query?: never;
            header?: {
                "x-llm-tags"?: string;
                "x-llm-max-cost-usd"?: string;
                "x-llm-timeout-ms"?: number;
                "x-llm-stream-guard"?: "buffer";
                "x-llm-run-id"?: string;
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": {
                    /** Format: binary */
                    file: string;
                    model: string;
                    language?: string;
                    prompt?: string;
                    /** @enum {string} */
                    response_format?: "json" | "text" | "srt" | "verbose_json" | "vtt";
                    temperature?: number;
                    "timestamp_granularities[]"?: string[];
                };
            };
        };
        responses: {
            200: {
                headers: {
                    "x-llm-call-id"?: string;
                    "x-llm-provider"?: string;
                    "x-llm-model"?: string;
                    "x-llm-own-name"?: string;
                    "x-llm-tier"?: string;
                    "x-llm-slowed-down"?: string;
                    "x-llm-stepped-down"?: string;
                    "x-llm-attempts"?: string;
                    "x-llm-escalated"?: string;
                    "x-llm-cost-usd"?: string;
                    "x-llm-budget-remaining-usd"?: string;
                    "x-llm-overflow"?: string;
                    "x-llm-run-cost-usd"?: string;
                    "x-llm-warnings"?: string;
                    "x-llm-idempotent-replay"?: string;
                    "x-request-id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TranscriptionOut"];
                    "text/plain": string;
                };
            };
        };
    };
    chat_me: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MeOut"];
                };
            };
        };
    };
    chat_health: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FunctionHealth"];
                };
            };
        };
    };
}
