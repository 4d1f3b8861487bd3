// Written by `make console-types` from the group's OpenAPI document.

export interface paths {
    "/api/llm-registry/provider-health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["registry_provider_health"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/llm-registry/providers/list": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["registry_providers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/llm-registry/sync-quality": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["registry_sync_quality"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/llm-registry/models/by-quality": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["registry_by_quality"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/llm-registry/models/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["registry_search"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/llm-registry/models/{model}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["registry_model"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/llm-registry/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["registry_health"];
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
        CatalogueProviderOut: {
            id: string;
            display_name: string;
            is_served: boolean;
            models: number;
            chat_models: number;
            rated_models: number;
            health: components["schemas"]["HealthState"] | null;
        };
        CatalogueProvidersOut: {
            total: number;
            items: components["schemas"]["CatalogueProviderOut"][];
            next_cursor: string | null;
        };
        ErrorBody: {
            code: string;
            message: string;
            details?: {
                [key: string]: unknown;
            } | null;
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
        FoundModelOut: {
            id: string;
            provider: string;
            mode: string | null;
            context: number | null;
            capabilities: string[];
            first_party: boolean;
            deprecation_date: string | null;
            blended_usd_per_token: string | null;
            quality: components["schemas"]["QualityOut"] | null;
            reasons: string[];
        };
        FoundModelsOut: {
            total: number;
            items: components["schemas"]["FoundModelOut"][];
            next_cursor: string | null;
        };
        FunctionHealth: {
            /** @constant */
            status: "ok";
            group: string;
            environment: string;
            version: string;
        };
        /** @enum {string} */
        HealthState: "healthy" | "degraded" | "unhealthy" | "rate_limited" | "unknown";
        HostOut: {
            id: string;
            provider: string;
            first_party: boolean;
            blended_usd_per_token: string | null;
        };
        ModelHealthOut: {
            model: string;
            state: components["schemas"]["HealthState"];
            calls: number;
            success_rate: number | null;
            latency_ms: components["schemas"]["PercentilesOut"];
            first_token_ms: components["schemas"]["PercentilesOut"];
            /** @enum {string} */
            breaker: "closed" | "open" | "half_open" | "unknown";
        };
        PercentilesOut: {
            p50: number | null;
            p95: number | null;
        };
        PriceSummaryOut: {
            input_usd_per_token: string | null;
            output_usd_per_token: string | null;
            blended_usd_per_token: string | null;
        };
        ProviderHealthOut: {
            provider: string;
            state: components["schemas"]["HealthState"];
            sample_size: number;
            calls: number;
            success_rate: number | null;
            rate_limited: number;
            latency_ms: components["schemas"]["PercentilesOut"];
            first_token_ms: components["schemas"]["PercentilesOut"];
            /** @enum {string} */
            breaker: "closed" | "open" | "half_open" | "unknown";
            /** Format: date-time */
            window_begin: string;
            /** Format: date-time */
            window_end: string;
            models: components["schemas"]["ModelHealthOut"][];
        };
        ProvidersHealthOut: {
            items: components["schemas"]["ProviderHealthOut"][];
            next_cursor?: null;
        };
        QualityOut: {
            score: number;
            /** @enum {string} */
            source: "lmarena" | "heuristic";
            rating: number | null;
            interval: number[] | null;
            votes: number | null;
            published: string | null;
            name: string | null;
            is_weak: boolean;
            attribution: string | null;
        };
        RegistryModelOut: {
            id: string;
            name: string;
            provider: string;
            /** @enum {string} */
            match: "exact" | "alias" | "host" | "undated" | "dated" | "weak";
            mode: string | null;
            capabilities: string[];
            max_input_tokens: number | null;
            max_output_tokens: number | null;
            first_party: boolean;
            is_served: boolean;
            deprecation_date: string | null;
            is_deprecated: boolean;
            missing_since_refresh: number | null;
            price: components["schemas"]["PriceSummaryOut"];
            quality: components["schemas"]["QualityOut"] | null;
            hosts: components["schemas"]["HostOut"][];
        };
        Success_CatalogueProvidersOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["CatalogueProvidersOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        Success_FoundModelsOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["FoundModelsOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        Success_ProvidersHealthOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["ProvidersHealthOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        Success_RegistryModelOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["RegistryModelOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        Success_SyncOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["SyncOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        SyncOut: {
            source: string;
            version: string;
            version_before: string | null;
            changed: boolean;
            published: string | null;
            rows: number;
            matched: number;
            unmatched_count: number;
            unmatched: string[];
            attribution: string;
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
    registry_provider_health: {
        parameters: {
            query?: {
                providers?: string | null;
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
                    "application/json": components["schemas"]["Success_ProvidersHealthOut_"];
                };
            };
        };
    };
    registry_providers: {
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
                    "application/json": components["schemas"]["Success_CatalogueProvidersOut_"];
                };
            };
        };
    };
    registry_sync_quality: {
        parameters: {
            query?: {
                source?: string;
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
                    "application/json": components["schemas"]["Success_SyncOut_"];
                };
            };
        };
    };
    registry_by_quality: {
        parameters: {
            query?: {
                min_quality?: number | null;
                max_quality?: number | null;
                capabilities?: string[] | null;
                provider?: string | null;
                mode?: string | null;
                include_deprecated?: boolean;
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
                    "application/json": components["schemas"]["Success_FoundModelsOut_"];
                };
            };
        };
    };
    registry_search: {
        parameters: {
            query?: {
                query?: string;
                provider?: string | null;
                capabilities?: string[] | null;
                min_quality?: number | null;
                min_context?: number | null;
                max_price?: number | null;
                mode?: string | null;
                include_deprecated?: boolean;
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
                    "application/json": components["schemas"]["Success_FoundModelsOut_"];
                };
            };
        };
    };
    registry_model: {
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
                    "application/json": components["schemas"]["Success_RegistryModelOut_"];
                };
            };
        };
    };
    registry_health: {
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
