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
        post: operations["chat_v1_chat_completions_post"];
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
        post: operations["embeddings_v1_embeddings_post"];
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
        post: operations["messages_v1_messages_post"];
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
        post: operations["count_tokens_v1_messages_count_tokens_post"];
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
        post: operations["responses_v1_responses_post"];
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
        post: operations["input_tokens_v1_responses_input_tokens_post"];
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
        get: operations["kept_v1_responses__response_id__get"];
        put?: never;
        post?: never;
        delete: operations["forget_v1_responses__response_id__delete"];
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
        get: operations["input_items_v1_responses__response_id__input_items_get"];
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
        post: operations["cancel_v1_responses__response_id__cancel_post"];
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
        post: operations["route_v1_route_post"];
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
        get: operations["models_v1_models_get"];
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
        get: operations["model_v1_models__model__get"];
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
        post: operations["moderations_v1_moderations_post"];
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
        post: operations["images_v1_images_generations_post"];
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
        post: operations["speech_v1_audio_speech_post"];
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
        post: operations["transcriptions_v1_audio_transcriptions_post"];
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
        get: operations["health_v1_health_get"];
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
            unsupported: string[];
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
        OpenAIErrorBody: {
            message: string;
            type: string;
            param?: string | null;
            code?: string | null;
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
        TranscriptionOut: {
            text: string;
            usage?: {
                [key: string]: unknown;
            } | null;
        } & {
            [key: string]: unknown;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    chat_v1_chat_completions_post: {
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
                    "application/json": components["schemas"]["ChatOut"];
                    "text/event-stream": string;
                };
            };
        };
    };
    embeddings_v1_embeddings_post: {
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
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EmbeddingsOut"];
                };
            };
        };
    };
    messages_v1_messages_post: {
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
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MessageOut"];
                    "text/event-stream": string;
                };
            };
        };
    };
    count_tokens_v1_messages_count_tokens_post: {
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
    responses_v1_responses_post: {
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
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ResponsesOut"];
                    "text/event-stream": string;
                };
            };
        };
    };
    input_tokens_v1_responses_input_tokens_post: {
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
    kept_v1_responses__response_id__get: {
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
    forget_v1_responses__response_id__delete: {
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
    input_items_v1_responses__response_id__input_items_get: {
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
    cancel_v1_responses__response_id__cancel_post: {
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
    route_v1_route_post: {
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
    models_v1_models_get: {
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
    model_v1_models__model__get: {
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
    moderations_v1_moderations_post: {
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
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModerationOut"];
                };
            };
        };
    };
    images_v1_images_generations_post: {
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
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImageOut"];
                };
            };
        };
    };
    speech_v1_audio_speech_post: {
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
    transcriptions_v1_audio_transcriptions_post: {
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
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TranscriptionOut"];
                    "text/plain": string;
                };
            };
        };
    };
    health_v1_health_get: {
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
