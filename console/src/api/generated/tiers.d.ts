// Written by `make console-types` from the group's OpenAPI document.

export interface paths {
    "/api/cognitive-tiers/classify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["tiers_classification"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/cognitive-tiers/estimate-cost": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["tiers_estimate_cost"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/cognitive-tiers/compare": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["tiers_compare"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/cognitive-tiers/preferences": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["tiers_preferences"];
        put: operations["tiers_replace_preferences"];
        post: operations["tiers_create_preferences"];
        delete: operations["tiers_reset_preferences"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/cognitive-tiers/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["tiers_health"];
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
        ClassificationOut: {
            tier: components["schemas"]["Tier"];
            score: number;
            tokens: number;
            confidence: number;
            minimum_quality: number;
            signals: components["schemas"]["SignalOut"][];
        };
        ClassifyIn: {
            prompt?: string | null;
            messages?: {
                [key: string]: unknown;
            }[] | null;
        };
        CompareOut: {
            tiers: components["schemas"]["TierOut"][];
            frontier: components["schemas"]["FrontierOut"][];
            attribution: string;
        };
        ErrorBody: {
            code: string;
            message: string;
            details?: {
                [key: string]: unknown;
            } | null;
        };
        EstimateCostIn: {
            prompt?: string | null;
            messages?: {
                [key: string]: unknown;
            }[] | null;
            estimated_tokens?: number | null;
            expected_output_tokens?: number | null;
        };
        EstimateCostOut: {
            recommended_tier: components["schemas"]["Tier"];
            classified_tier: components["schemas"]["Tier"] | null;
            confidence: number | null;
            prompt_tokens_estimated: number;
            tiers: components["schemas"]["TierCostOut"][];
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
        FrontierOut: {
            model: string;
            quality: number;
            blended_usd_per_token: string;
            is_measured: boolean;
        };
        FunctionHealth: {
            /** @constant */
            status: "ok";
            group: string;
            environment: string;
            version: string;
        };
        PreferencesIn: {
            /** @default true */
            enabled: boolean;
            /** @default standard */
            default_tier: components["schemas"]["Tier"];
            /** @default micro */
            min_tier: components["schemas"]["Tier"];
            /** @default complex */
            max_tier: components["schemas"]["Tier"];
            /** @default [] */
            preferred_providers: string[];
            /** @default [] */
            blocked_providers: string[];
            max_cost_per_request_usd?: number | string | null;
            monthly_budget_usd?: number | string | null;
            /** @default true */
            cache_aware: boolean;
            /** @default true */
            auto_escalation: boolean;
            /**
             * @default balanced
             * @enum {string}
             */
            prefer: "cost" | "balanced" | "quality";
        };
        PreferencesOut: {
            is_default: boolean;
            enabled: boolean;
            default_tier: components["schemas"]["Tier"];
            min_tier: components["schemas"]["Tier"];
            max_tier: components["schemas"]["Tier"];
            preferred_providers: string[];
            blocked_providers: string[];
            max_cost_per_request_usd: string | null;
            monthly_budget_usd: string | null;
            cache_aware: boolean;
            auto_escalation: boolean;
            /** @enum {string} */
            prefer: "cost" | "balanced" | "quality";
        };
        SignalOut: {
            name: string;
            weight: number;
            evidence: string;
        };
        Success_ClassificationOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["ClassificationOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        Success_CompareOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["CompareOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        Success_EstimateCostOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["EstimateCostOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        Success_PreferencesOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["PreferencesOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        /** @enum {string} */
        Tier: "micro" | "standard" | "versatile" | "heavy" | "complex";
        TierCostOut: {
            tier: components["schemas"]["Tier"];
            minimum_quality: number;
            chosen: components["schemas"]["TierModelOut"] | null;
            why_none: string | null;
        };
        TierModelOut: {
            model: string;
            provider: string;
            quality: number;
            expected_cost_usd: string;
            most_cost_usd: string;
        };
        TierOut: {
            tier: components["schemas"]["Tier"];
            minimum_quality: number;
            models: number;
            lowest_quality: number | null;
            highest_quality: number | null;
            lowest_cost_usd: string | null;
            highest_cost_usd: string | null;
            fastest_first_token_ms: number | null;
            chosen: components["schemas"]["TierModelOut"] | null;
            why_none: string | null;
            best: components["schemas"]["TierModelOut"][];
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
    tiers_classification: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ClassifyIn"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success_ClassificationOut_"];
                };
            };
        };
    };
    tiers_estimate_cost: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EstimateCostIn"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success_EstimateCostOut_"];
                };
            };
        };
    };
    tiers_compare: {
        parameters: {
            query?: {
                format?: "json" | "svg";
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
                    "application/json": components["schemas"]["Success_CompareOut_"];
                    "image/svg+xml": string;
                };
            };
        };
    };
    tiers_preferences: {
        parameters: {
            query?: {
                tenant?: string | null;
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
                    "application/json": components["schemas"]["Success_PreferencesOut_"];
                };
            };
        };
    };
    tiers_replace_preferences: {
        parameters: {
            query?: {
                tenant?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PreferencesIn"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success_PreferencesOut_"];
                };
            };
        };
    };
    tiers_create_preferences: {
        parameters: {
            query?: {
                tenant?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PreferencesIn"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success_PreferencesOut_"];
                };
            };
        };
    };
    tiers_reset_preferences: {
        parameters: {
            query?: {
                tenant?: string | null;
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
                    "application/json": components["schemas"]["Success_PreferencesOut_"];
                };
            };
        };
    };
    tiers_health: {
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
