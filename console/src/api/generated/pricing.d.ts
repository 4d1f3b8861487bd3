// Written by `make console-types` from the group's OpenAPI document.

export interface paths {
    "/api/ai/pricing": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["pricing_overview"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/ai/pricing/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["pricing_refresh"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/ai/pricing/model/{model}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["pricing_model"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/ai/pricing/models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["pricing_all_models"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/ai/pricing/provider/{provider}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["pricing_provider"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/ai/pricing/estimate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["pricing_estimate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/ai/pricing/consensus": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["pricing_consensus"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/ai/pricing/changes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["pricing_price_changes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/ai/pricing/history/{model}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["pricing_price_history"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/ai/pricing/quarantine": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["pricing_quarantine"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/ai/pricing/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["pricing_health"];
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
        AgreementOut: {
            /** @enum {string} */
            verdict: "alone" | "agreed" | "majority" | "disputed";
            rates: components["schemas"]["RateAgreementOut"][];
        };
        AllModelsOut: {
            total: number;
            snapshot_version: string;
            items: components["schemas"]["ListedModelOut"][];
        };
        CheapModelOut: {
            model: string;
            provider: string;
            input_usd_per_token: string;
            output_usd_per_token: string;
            blended_usd_per_token: string;
        };
        ConsensusOut: {
            days_of_usage: number;
            total: number;
            items: components["schemas"]["RowConsensusOut"][];
            next_cursor: string | null;
        };
        CostLineOut: {
            unit: string;
            /** @enum {string} */
            side: "input" | "output" | "extra";
            quantity: string;
            rate_usd: string;
            rate_key: string;
            rate_source: string | null;
            multiplier: string;
            amount_usd: string;
        };
        ErrorBody: {
            code: string;
            message: string;
            details?: {
                [key: string]: unknown;
            } | null;
        };
        EstimateIn: {
            model: string;
            input_tokens?: number | null;
            output_tokens?: number | null;
            prompt?: string | null;
            messages?: components["schemas"]["PromptMessageIn"][] | null;
            cached_tokens?: number | null;
            cache_write_tokens?: number | null;
            cache_write_1h_tokens?: number | null;
            cache_write_12h_tokens?: number | null;
            reasoning_tokens?: number | null;
            input_audio_tokens?: number | null;
            input_image_tokens?: number | null;
            input_video_tokens?: number | null;
            cached_audio_tokens?: number | null;
            cached_image_tokens?: number | null;
            explicit_cached_tokens?: number | null;
            cache_audio_write_tokens?: number | null;
            output_audio_tokens?: number | null;
            output_image_tokens?: number | null;
            output_video_tokens?: number | null;
            citation_tokens?: number | null;
            images?: number | null;
            input_images?: number | null;
            pixels?: number | null;
            characters?: number | null;
            output_characters?: number | null;
            pages?: number | null;
            annotated_pages?: number | null;
            queries?: number | null;
            requests?: number | null;
            web_searches?: number | null;
            maps_queries?: number | null;
            code_sessions?: number | null;
            text_messages?: number | null;
            automated_reasoning_policy_units?: number | null;
            content_policy_units?: number | null;
            content_policy_image_units?: number | null;
            contextual_grounding_policy_units?: number | null;
            sensitive_information_policy_units?: number | null;
            sensitive_information_policy_free_units?: number | null;
            topic_policy_units?: number | null;
            word_policy_units?: number | null;
            audio_seconds?: number | string | null;
            video_seconds?: number | string | null;
            input_video_seconds?: number | string | null;
            seconds?: number | string | null;
            credits?: number | string | null;
            service_tier?: string | null;
            data_residency?: string | null;
            endpoint_location?: string | null;
            inference_geo?: string | null;
            speed?: string | null;
            resolution?: string | null;
            /**
             * @default medium
             * @enum {string}
             */
            search_context_size: "low" | "medium" | "high";
            /** @default 0 */
            max_results: number;
            at?: string | null;
        };
        EstimateOut: {
            model: string;
            /** @enum {string} */
            match: "exact" | "alias" | "host" | "undated" | "dated" | "weak";
            provider: string;
            /** @enum {string} */
            source: "litellm" | "openrouter" | "own" | "declared";
            input_tokens: number;
            input_tokens_estimated: boolean;
            token_estimate_method: string | null;
            lines: components["schemas"]["CostLineOut"][];
            input_usd: string;
            output_usd: string;
            extra_usd: string;
            total_usd: string;
            own_total_usd: string | null;
            price_version: string;
            /** @enum {string} */
            origin: "seed" | "snapshot";
        };
        Failure: {
            /**
             * @default false
             * @constant
             */
            success: false;
            data?: null;
            error: components["schemas"]["ErrorBody"];
            message: string;
            timestamp: string;
        };
        FunctionHealth: {
            /** @constant */
            status: "ok";
            group: string;
            environment: string;
            version: string;
        };
        HeldOut: {
            subject: string;
            source: string;
            reason: string;
            /** Format: date-time */
            first_seen: string;
            proposed_rates: {
                [key: string]: unknown;
            } | null;
            evidence: {
                [key: string]: components["schemas"]["StatementOut"][];
            };
        };
        LentRateOut: {
            rate_key: string;
            source: string;
            own: unknown;
        };
        LimitsOut: {
            max_input_tokens: number | null;
            max_output_tokens: number | null;
            prompt_cache_min_tokens: number | null;
            output_vector_size: number | null;
        };
        ListedModelOut: {
            id: string;
            provider: string;
            /** @enum {string} */
            source: "litellm" | "openrouter" | "own" | "declared";
            mode: string | null;
            first_party: boolean;
            listed: boolean;
            deprecated: boolean;
            max_input_tokens: number | null;
            input_usd_per_token: string | null;
            output_usd_per_token: string | null;
            rates: {
                [key: string]: unknown;
            };
        };
        ModelOut: {
            id: string;
            provider: string;
            source_key: string;
            /** @enum {string} */
            source: "litellm" | "openrouter" | "own" | "declared";
            mode: string | null;
            first_party: boolean;
            listed: boolean;
            deprecated: boolean;
            deprecation_date: string | null;
            capabilities: string[];
            input_modalities: string[];
            output_modalities: string[];
            limits: components["schemas"]["LimitsOut"];
            priced: boolean;
            input_usd_per_token: string | null;
            output_usd_per_token: string | null;
            own: components["schemas"]["OwnOut"] | null;
            rates: {
                [key: string]: unknown;
            };
            lent_rates: components["schemas"]["LentRateOut"][];
            unread_cost_keys: {
                [key: string]: unknown;
            };
        };
        ModelPriceOut: {
            id: string;
            provider: string;
            source_key: string;
            /** @enum {string} */
            source: "litellm" | "openrouter" | "own" | "declared";
            mode: string | null;
            first_party: boolean;
            listed: boolean;
            deprecated: boolean;
            deprecation_date: string | null;
            capabilities: string[];
            input_modalities: string[];
            output_modalities: string[];
            limits: components["schemas"]["LimitsOut"];
            priced: boolean;
            input_usd_per_token: string | null;
            output_usd_per_token: string | null;
            own: components["schemas"]["OwnOut"] | null;
            rates: {
                [key: string]: unknown;
            };
            lent_rates: components["schemas"]["LentRateOut"][];
            unread_cost_keys: {
                [key: string]: unknown;
            };
            /** @enum {string} */
            match: "exact" | "alias" | "host" | "undated" | "dated" | "weak";
            also_sold_as: string[];
            /** @enum {string} */
            origin: "seed" | "snapshot";
            snapshot_version: string;
            /** Format: date-time */
            believed_since: string;
            fetched_at: string | null;
            agreement: components["schemas"]["AgreementOut"] | null;
        };
        OwnOut: {
            price_id: string;
            input_usd_per_token: string | null;
            output_usd_per_token: string | null;
        };
        PriceEventOut: {
            /** Format: date-time */
            at: string;
            /** @enum {string} */
            kind: "added" | "removed" | "price" | "deprecation" | "quarantined";
            model: string | null;
            provider: string | null;
            source: string;
            before: {
                [key: string]: unknown;
            };
            after: {
                [key: string]: unknown;
            };
            reason: string | null;
            snapshot_version: string;
        };
        PriceEventsOut: {
            items: components["schemas"]["PriceEventOut"][];
            next_cursor: string | null;
        };
        PriceHistoryOut: {
            model: string;
            /** @enum {string} */
            match: "exact" | "alias" | "host" | "undated" | "dated" | "weak";
            items: components["schemas"]["PricePeriodOut"][];
            next_cursor: string | null;
        };
        PricePeriodOut: {
            /** Format: date-time */
            since: string;
            until: string | null;
            rates: {
                [key: string]: unknown;
            };
            source: string;
            snapshot_version: string;
        };
        PricingOverviewOut: {
            model_count: number;
            last_updated: string | null;
            cache_valid: boolean;
            age_seconds: number;
            /** @enum {string} */
            origin: "seed" | "snapshot";
            snapshot_version: string;
            sources: components["schemas"]["SourceOut"][];
            quarantined: number;
            unread_cost_keys: {
                [key: string]: number;
            };
            cheapest_models: components["schemas"]["CheapModelOut"][];
            provider_comparison: components["schemas"]["ProviderComparisonOut"][];
        };
        PromptMessageIn: {
            role: string;
            content?: string | {
                [key: string]: unknown;
            }[] | null;
            name?: string | null;
            tool_calls?: {
                [key: string]: unknown;
            }[] | null;
            tool_call_id?: string | null;
        };
        ProviderComparisonOut: {
            provider: string;
            models: number;
            priced_chat_models: number;
            cheapest_model: string | null;
            lowest_blended_usd_per_token: string | null;
            median_blended_usd_per_token: string | null;
        };
        ProviderModelsOut: {
            provider: string;
            total: number;
            items: components["schemas"]["ModelOut"][];
            next_cursor: string | null;
        };
        QuarantineOut: {
            items: components["schemas"]["HeldOut"][];
            next_cursor: string | null;
        };
        RateAgreementOut: {
            rate_key: string;
            in_force_usd: string;
            source: string;
            /** @enum {string} */
            verdict: "alone" | "agreed" | "majority" | "disputed";
            since: string | null;
            statements: components["schemas"]["StatementOut"][];
        };
        RefreshOut: {
            /** @enum {string} */
            outcome: "refreshed" | "unchanged" | "fresh";
            snapshot_version: string;
            last_updated: string | null;
            models: number;
            fetched: number;
            added: number;
            removed: number;
            changed: number;
            deprecated: number;
            quarantined: number;
            held_in_quarantine: number;
            sources: components["schemas"]["SourceOut"][];
        };
        RowConsensusOut: {
            /** @enum {string} */
            verdict: "alone" | "agreed" | "majority" | "disputed";
            rates: components["schemas"]["RateAgreementOut"][];
            model: string;
            provider: string;
            first_party: boolean;
            at_stake_usd: string | null;
        };
        SourceOut: {
            name: string;
            /** @enum {string} */
            state: "never" | "fresh" | "unchanged" | "unavailable" | "rejected";
            checked_at: string | null;
            fetched_at: string | null;
            failing_since: string | null;
            models: number;
            detail: string | null;
        };
        StatementOut: {
            source: string;
            usd: string;
            since: string | null;
        };
        Success_AllModelsOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["AllModelsOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        Success_ConsensusOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["ConsensusOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        Success_EstimateOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["EstimateOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        Success_ModelPriceOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["ModelPriceOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        Success_PriceEventsOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["PriceEventsOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        Success_PriceHistoryOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["PriceHistoryOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        Success_PricingOverviewOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["PricingOverviewOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        Success_ProviderModelsOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["ProviderModelsOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        Success_QuarantineOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["QuarantineOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        Success_RefreshOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["RefreshOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
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
    pricing_overview: {
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
                    "application/json": components["schemas"]["Success_PricingOverviewOut_"];
                };
            };
        };
    };
    pricing_refresh: {
        parameters: {
            query?: {
                force?: boolean;
                accept?: string[] | null;
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
                    "application/json": components["schemas"]["Success_RefreshOut_"];
                };
            };
        };
    };
    pricing_model: {
        parameters: {
            query?: {
                at?: string | null;
            };
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
                    "application/json": components["schemas"]["Success_ModelPriceOut_"];
                };
            };
        };
    };
    pricing_all_models: {
        parameters: {
            query?: {
                format?: ("json" | "csv") | null;
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
                    "application/json": components["schemas"]["Success_AllModelsOut_"];
                    "text/csv": string;
                };
            };
        };
    };
    pricing_provider: {
        parameters: {
            query?: {
                mode?: string | null;
                sort?: "id" | "input" | "output" | "blended" | "context";
                include_deprecated?: boolean;
                limit?: number;
                cursor?: string | null;
                format?: ("json" | "csv") | null;
            };
            header?: never;
            path: {
                provider: string;
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
                    "application/json": components["schemas"]["Success_ProviderModelsOut_"];
                    "text/csv": string;
                };
            };
        };
    };
    pricing_estimate: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EstimateIn"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success_EstimateOut_"];
                };
            };
        };
    };
    pricing_consensus: {
        parameters: {
            query?: {
                provider?: string | null;
                verdict?: ("alone" | "agreed" | "majority" | "disputed")[] | null;
                limit?: number;
                cursor?: string | null;
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
                    "application/json": components["schemas"]["Success_ConsensusOut_"];
                };
            };
        };
    };
    pricing_price_changes: {
        parameters: {
            query?: {
                since?: string | null;
                provider?: string | null;
                model?: string | null;
                kind?: ("added" | "removed" | "price" | "deprecation" | "quarantined") | null;
                limit?: number;
                cursor?: string | null;
                format?: ("json" | "csv") | null;
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
                    "application/json": components["schemas"]["Success_PriceEventsOut_"];
                    "text/csv": string;
                };
            };
        };
    };
    pricing_price_history: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string | null;
            };
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
                    "application/json": components["schemas"]["Success_PriceHistoryOut_"];
                };
            };
        };
    };
    pricing_quarantine: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string | null;
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
                    "application/json": components["schemas"]["Success_QuarantineOut_"];
                };
            };
        };
    };
    pricing_health: {
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
