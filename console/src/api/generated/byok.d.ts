// Written by `make console-types` from the group's OpenAPI document.

export interface paths {
    "/api/byok/providers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["byok_providers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/byok/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["byok_keys"];
        put?: never;
        post: operations["byok_store_key"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/byok/keys/{key_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["byok_key"];
        put?: never;
        post?: never;
        delete: operations["byok_delete_key"];
        options?: never;
        head?: never;
        patch: operations["byok_change_key"];
        trace?: never;
    };
    "/api/byok/keys/{key_id}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["byok_rotate_key"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/byok/keys/{key_id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["byok_test_key"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/byok/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["byok_usage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/byok/usage/tenants": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["byok_usage_by_tenant"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/byok/usage/calls": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["byok_calls"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/byok/usage/calls/{call_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["byok_call"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/byok/usage/reprice": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["byok_reprice"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/byok/usage/calls/{call_id}/corrections": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["byok_correction"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/byok/usage/exports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["byok_exports"];
        put?: never;
        post: operations["byok_ask_for_export"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/byok/usage/exports/{export_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["byok_export"];
        put?: never;
        post?: never;
        delete: operations["byok_delete_export"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/byok/usage/exports/{export_id}/file": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["byok_export_file"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/byok/usage/reconcile": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["byok_reconcile"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/byok/usage/focus": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["byok_focus"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/byok/budgets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["byok_budgets"];
        put: operations["byok_set_budget"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/byok/teams": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["byok_teams"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/byok/teams/{team_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put: operations["byok_set_team"];
        post?: never;
        delete: operations["byok_delete_team"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/byok/allow-lists": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["byok_allow_lists"];
        put: operations["byok_set_allow_list"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/byok/prices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["byok_prices"];
        put?: never;
        post: operations["byok_set_price"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/byok/prices/{price_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete: operations["byok_end_price"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/byok/holds/narrowed": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["byok_narrowed"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/byok/holds/narrowed/acknowledge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["byok_acknowledge"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/byok/price-alerts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["byok_price_alerts"];
        put: operations["byok_set_price_alerts"];
        post?: never;
        delete: operations["byok_reset_price_alerts"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/byok/service-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["byok_service_keys"];
        put?: never;
        post: operations["byok_issue_service_key"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/byok/service-keys/{key_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete: operations["byok_revoke_service_key"];
        options?: never;
        head?: never;
        patch: operations["byok_change_service_key"];
        trace?: never;
    };
    "/api/byok/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["byok_audit_log"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/byok/tenants": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["byok_tenants"];
        put?: never;
        post: operations["byok_make_tenant"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/byok/tenants/{tenant_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["byok_tenant"];
        put?: never;
        post?: never;
        delete: operations["byok_delete_tenant"];
        options?: never;
        head?: never;
        patch: operations["byok_change_tenant"];
        trace?: never;
    };
    "/api/byok/declaration": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["byok_declare"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/byok/identity/issuers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["byok_issuers"];
        put: operations["byok_trust_issuer"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/byok/identity/issuers/{issuer_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete: operations["byok_distrust_issuer"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/byok/caller": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["byok_caller"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/byok/token": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["byok_exchange_token"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/byok/iam/token": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["byok_key_of_role"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/byok/identity/sign-in": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["byok_sign_in"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/byok/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["byok_health"];
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
        AcknowledgeIn: {
            model: string;
            revision?: string | null;
        };
        AcknowledgedOut: {
            model: string;
            was_narrowed: boolean;
        };
        AddedModelIn: {
            /**
             * @default chat
             * @enum {string}
             */
            mode: "chat" | "embedding";
            max_input_tokens?: number | null;
            max_output_tokens?: number | null;
            /** @default [] */
            capabilities: string[];
        };
        AddedModelOut: {
            mode: string;
            max_input_tokens: number | null;
            max_output_tokens: number | null;
            capabilities: string[];
        };
        AllowListIn: {
            scope: string;
            models: string[] | null;
        };
        AllowListOut: {
            scope: string;
            models: string[];
        };
        AllowListSetOut: {
            scope: string;
            cleared: boolean;
            allow_list: components["schemas"]["AllowListOut"] | null;
        };
        AllowListsOut: {
            items: components["schemas"]["AllowListOut"][];
            next_cursor?: string | null;
        };
        AlternativesIn: {
            /** @default [] */
            capabilities: string[];
            /** @default 0 */
            may_lose: number;
            min_context?: number | null;
            /** @default false */
            only_with_key: boolean;
            /** @default false */
            free: boolean;
        };
        AttemptOut: {
            call_id: string;
            attempt: string;
            status: string;
            /** Format: date-time */
            at: string;
            settled_at: string | null;
            provider: string;
            model: string;
            model_asked: string;
            tier: string | null;
            service_key: string;
            provider_key: string | null;
            tags: {
                [key: string]: string;
            };
            user: string | null;
            session: string | null;
            units: {
                [key: string]: string;
            };
            cost_usd: string;
            held_usd: string;
            latency_ms: number | null;
            first_token_ms: number | null;
            price_version: string;
            reason: string | null;
            budgets: string[];
            proof: components["schemas"]["ProofOut"] | null;
        };
        /** @enum {string} */
        AttemptStatus: "pending" | "succeeded" | "failed" | "refused" | "cancelled" | "swept" | "correction";
        AuditEntryOut: {
            id: string;
            /** Format: date-time */
            at: string;
            actor: string;
            service_key: string;
            action: string;
            subject: string;
            origin: string | null;
            by_operator: boolean;
        };
        AuditOut: {
            items: components["schemas"]["AuditEntryOut"][];
            next_cursor: string | null;
        };
        BilledOut: {
            amount_usd: string | null;
            counts: {
                [key: string]: string;
            } | null;
            requests: number | null;
            lines: string[];
            line_count: number;
        };
        BookedOut: {
            cost_usd: string;
            counts: {
                [key: string]: string;
            };
            calls: number;
            failed_attempts: number;
            swept: number;
            corrections: number;
            models: string[];
        };
        BudgetIn: {
            /** @default tenant */
            scope: string;
            window: components["schemas"]["WindowKind"];
            /**
             * @default usd
             * @enum {string}
             */
            unit: "usd" | "tokens" | "calls";
            limit_usd?: number | string | null;
            limit?: number | string | null;
            /**
             * @default hard
             * @enum {string}
             */
            mode: "hard" | "soft";
            raised?: components["schemas"]["RaiseIn"] | null;
            carry_over?: components["schemas"]["CarryOver"] | null;
            overflow?: string | null;
            /** @default [] */
            near: components["schemas"]["NearIn"][];
            /**
             * @default [
             *       50,
             *       80,
             *       100
             *     ]
             */
            alert_at: number[];
        };
        BudgetOut: {
            scope: string;
            window: components["schemas"]["WindowKind"];
            /** @enum {string} */
            unit: "usd" | "tokens" | "calls";
            window_id: string;
            limit_usd: string;
            /** @enum {string} */
            mode: "hard" | "soft";
            raised: components["schemas"]["RaiseOut"] | null;
            carry_over: components["schemas"]["CarryOverOut"] | null;
            overflow: string | null;
            carried_usd: string;
            near: components["schemas"]["NearIn"][];
            alert_at: number[];
            alerted_at: number[];
            spent_usd: string;
            held_usd: string;
            open_holds: number;
            remaining_usd: string;
            refused_since: string | null;
            resets_at: string | null;
            next_free: components["schemas"]["NextFreeOut"] | null;
            runs_out_at: string | null;
            /** Format: date-time */
            set_at: string;
        };
        BudgetSetOut: {
            scope: string;
            window: components["schemas"]["WindowKind"];
            /** @enum {string} */
            unit: "usd" | "tokens" | "calls";
            cleared: boolean;
            budget: components["schemas"]["BudgetOut"] | null;
        };
        BudgetsOut: {
            items: components["schemas"]["BudgetOut"][];
            next_cursor?: string | null;
        };
        CallDetailOut: {
            call_id: string;
            /** Format: date-time */
            at: string;
            cost_usd: string;
            attempts: components["schemas"]["AttemptOut"][];
        };
        CallOut: {
            call_id: string;
            attempt: string;
            status: string;
            /** Format: date-time */
            at: string;
            settled_at: string | null;
            provider: string;
            model: string;
            model_asked: string;
            tier: string | null;
            service_key: string;
            provider_key: string | null;
            tags: {
                [key: string]: string;
            };
            user: string | null;
            session: string | null;
            units: {
                [key: string]: string;
            };
            cost_usd: string;
            held_usd: string;
            latency_ms: number | null;
            first_token_ms: number | null;
            price_version: string;
            reason: string | null;
        };
        CallerOut: {
            tenant: string;
            tenant_name: string;
            time_zone: string;
            is_operator: boolean;
            service_key: string;
            scopes: components["schemas"]["Scope"][];
        };
        CallsOut: {
            items: components["schemas"]["CallOut"][];
            next_cursor: string | null;
        };
        CarryOver: {
            at_most: number | string;
        };
        CarryOverOut: {
            at_most: string;
        };
        ChangeOut: {
            model: string;
            /** @enum {string} */
            kind: "price" | "deprecation" | "quarantined";
            calls: number;
            calls_not_priced: number;
            cost_usd: string;
            would_cost_usd: string | null;
            difference_usd: string | null;
            deprecation_date: string | null;
            reason: string | null;
        };
        ClaimRuleIn: {
            when?: {
                [key: string]: string[];
            };
            tenant?: string | null;
            tenant_claim?: string | null;
            scopes: components["schemas"]["Scope"][];
            scopes_claim?: string | null;
            team?: string | null;
            team_claim?: string | null;
            /** @default sub */
            person_claim: string;
        };
        ClaimRuleOut: {
            when: {
                [key: string]: string[];
            };
            tenant: string | null;
            tenant_claim: string | null;
            scopes: components["schemas"]["Scope"][];
            scopes_claim: string | null;
            team: string | null;
            team_claim: string | null;
            person_claim: string;
        };
        CorrectionIn: {
            /** @default 1 */
            attempt: string;
            amount_usd: number | string;
            reason: string;
            correction_id: string;
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
        DeclarationIn: {
            tenants: {
                [key: string]: components["schemas"]["DeclaredTenantIn"];
            };
            /** @default false */
            dry_run: boolean;
        };
        DeclaredChangeOut: {
            tenant: string;
            /** @enum {string} */
            how: "create" | "change" | "remove";
            /** @enum {string} */
            what: "tenant" | "team" | "budget" | "allow_list" | "price" | "price_alerts";
            subject: string;
            differences: string[];
        };
        DeclaredOut: {
            dry_run: boolean;
            changes: components["schemas"]["DeclaredChangeOut"][];
        };
        DeclaredTenantIn: {
            name?: string | null;
            time_zone?: string | null;
            teams?: {
                [key: string]: components["schemas"]["TeamIn"];
            } | null;
            budgets?: components["schemas"]["BudgetIn"][] | null;
            allow_lists?: components["schemas"]["AllowListIn"][] | null;
            prices?: components["schemas"]["PriceIn"][] | null;
            price_alerts?: components["schemas"]["PriceAlertsIn"] | null;
        };
        DifferenceOut: {
            /** Format: date */
            day: string;
            kind: string;
            model: string;
            key: string | null;
            billed: components["schemas"]["BilledOut"] | null;
            booked: components["schemas"]["BookedOut"] | null;
            difference_usd: string | null;
            explanations: components["schemas"]["ExplanationOut"][];
            corrections: components["schemas"]["DraftCorrectionOut"][] | null;
            undrafted_usd: string | null;
        };
        DisplayIn: {
            currency: string;
            per_usd: number | string;
        };
        DisplayOut: {
            currency: string;
            per_usd: string;
        };
        DraftCorrectionOut: {
            call_id: string;
            attempt: string;
            amount_usd: string;
            reason: string;
            correction_id: string;
        };
        ErasureOut: {
            tenant: string;
            /** Format: date-time */
            deleted_at: string;
            erased: {
                [key: string]: number;
            };
            calls_under_way: number;
            complete: boolean;
        };
        ErrorBody: {
            code: string;
            message: string;
            details?: {
                [key: string]: unknown;
            } | null;
        };
        ExcessBillOut: {
            tenant: string;
            call_id: string;
            attempt: string;
            /** Format: date-time */
            at: string;
            held_usd: string;
            cost_usd: string;
            times: string;
        };
        ExplanationOut: {
            cause: string;
            amount_usd: string;
            calls: number | null;
            note: string;
        };
        ExportIn: {
            pages?: {
                [key: string]: unknown;
            }[] | null;
            csv?: string | null;
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
        /** @enum {string} */
        HealthState: "healthy" | "degraded" | "unhealthy" | "rate_limited" | "unknown";
        IssuedKeyOut: {
            id: string;
            tenant: string;
            label: string | null;
            scopes: components["schemas"]["Scope"][];
            /** Format: date-time */
            created_at: string;
            expires_at: string | null;
            revoked_at: string | null;
            lapses_at: string | null;
            last_used_at: string | null;
            requests_per_minute: number | null;
            tokens_per_minute: number | null;
            own_names: {
                [key: string]: string;
            };
            person: string | null;
            team: string | null;
            issuer: string | null;
            service_key: string;
        };
        IssuerIn: {
            issuer: string;
            audiences?: string[];
            algorithms?: string[];
            jwks_uri?: string | null;
            /** @default 86400 */
            longest_life_s: number;
            sign_in_client?: string | null;
            rules: components["schemas"]["ClaimRuleIn"][];
            /** @default false */
            end_keys: boolean;
        };
        IssuerOut: {
            id: string;
            issuer: string;
            audiences: string[];
            algorithms: string[];
            jwks_uri: string | null;
            longest_life_s: number;
            sign_in_client: string | null;
            rules: components["schemas"]["ClaimRuleOut"][];
            /** Format: date-time */
            trusted_from: string;
            /** Format: date-time */
            changed_at: string;
        };
        IssuersOut: {
            items: components["schemas"]["IssuerOut"][];
            next_cursor?: string | null;
        };
        KeyChangeIn: {
            label?: string | null;
            environment?: string | null;
            allowed_models?: string[] | null;
            /** @default false */
            any_model: boolean;
            order?: number | null;
        };
        KeyIn: {
            provider: string;
            /** Format: password */
            api_key: string;
            label?: string | null;
            environment?: string | null;
            allowed_models?: string[] | null;
            order?: number | null;
            /** @default false */
            validate: boolean;
        };
        KeyOut: {
            id: string;
            provider: string;
            last4: string;
            fingerprint: string;
            status: components["schemas"]["KeyStatus"];
            status_reason: string | null;
            status_at: string | null;
            is_active: boolean;
            order: number;
            label: string | null;
            environment: string | null;
            allowed_models: string[] | null;
            /** Format: date-time */
            created_at: string;
            rotated_at: string | null;
            deleted_at: string | null;
            last_test: components["schemas"]["ProbeOut"] | null;
        };
        /** @enum {string} */
        KeyStatus: "untested" | "valid" | "invalid" | "out_of_credit";
        KeysOut: {
            items: components["schemas"]["KeyOut"][];
            next_cursor: string | null;
        };
        LatencyOut: {
            p50: number | null;
            p95: number | null;
            p99: number | null;
        };
        MoveOut: {
            model: string;
            quality: number | null;
            calls: number;
            actual_usd: string;
            to: components["schemas"]["MovedOut"] | null;
            loses_quality: number | null;
            loses_capabilities: string[];
        };
        MovedOut: {
            model: string;
            quality: number;
            is_measured: boolean;
            has_key: boolean;
            calls: number;
            calls_too_long: number;
            calls_not_priced: number;
            actual_usd: string;
            would_cost_usd: string;
            saves_usd: string;
        };
        NarrowedHoldOut: {
            model: string;
            /** Format: date-time */
            since: string;
            revision: string;
            times: string;
            bills: components["schemas"]["ExcessBillOut"][];
        };
        NarrowedHoldsOut: {
            items: components["schemas"]["NarrowedHoldOut"][];
        };
        NearIn: {
            at: number;
            /** @enum {string} */
            do: "slow_down" | "prefer_cheaper";
            to_percent?: number | null;
        };
        NextFreeOut: {
            /** Format: date-time */
            at: string;
            amount: string;
        };
        OAuthFailure: {
            error: string;
            error_description: string;
        };
        OwnPriceOut: {
            id: string;
            models: string;
            factor: string | null;
            rates: {
                [key: string]: string;
            } | null;
            model: components["schemas"]["AddedModelOut"] | null;
            /** Format: date-time */
            from_instant: string;
            until: string | null;
            display: components["schemas"]["DisplayOut"] | null;
            note: string | null;
            set_by: string;
            by_operator: boolean;
        };
        OwnPricesOut: {
            items: components["schemas"]["OwnPriceOut"][];
            next_cursor?: string | null;
        };
        PriceAlertOut: {
            alert_id: string;
            tenant: string;
            price_version: string;
            /** Format: date-time */
            in_force_since: string;
            /** Format: date */
            from_day: string;
            /** Format: date */
            to_day: string;
            threshold_usd: string;
            difference_usd: string;
            changes: components["schemas"]["ChangeOut"][];
            more_changes: number;
            /** Format: date-time */
            at: string;
        };
        PriceAlertsIn: {
            /** @default true */
            enabled: boolean;
            threshold_usd: number | string;
        };
        PriceAlertsOut: {
            is_default: boolean;
            enabled: boolean;
            threshold_usd: string;
            alerts: components["schemas"]["PriceAlertOut"][];
        };
        PriceIn: {
            models: string;
            discount_percent?: (number | string) | null;
            margin_percent?: (number | string) | null;
            rates?: {
                [key: string]: number | string;
            } | null;
            model?: components["schemas"]["AddedModelIn"] | null;
            from?: string | null;
            until?: string | null;
            display?: components["schemas"]["DisplayIn"] | null;
            note?: string | null;
            /** @default false */
            confirm: boolean;
        };
        ProbeOut: {
            /** @enum {string} */
            result: "valid" | "invalid" | "out_of_credit" | "unreachable";
            /** Format: date-time */
            at: string;
            detail: string;
        };
        ProofOut: {
            raw_usage: {
                [key: string]: unknown;
            } | null;
            unknown_counters: {
                [key: string]: number;
            };
            units: {
                [key: string]: string;
            };
            context_tokens: number;
            terms: {
                [key: string]: unknown;
            };
            price: components["schemas"]["ProofPriceOut"];
            own_price: components["schemas"]["ProofOwnPriceOut"] | null;
            lines: components["schemas"]["CostLineOut"][];
            /** @enum {string} */
            charged_at: "lines" | "hold" | "most";
            hold_factor: string;
            total_usd: string;
        };
        ProofOwnPriceOut: {
            price: components["schemas"]["OwnPriceOut"];
            list_lines: components["schemas"]["CostLineOut"][];
            list_total_usd: string | null;
            display_total: string | null;
        };
        ProofPriceOut: {
            version: string;
            believed_since: string | null;
            source: string | null;
            source_key: string | null;
            published: {
                [key: string]: unknown;
            } | null;
        };
        ProviderOut: {
            id: string;
            display_name: string;
            /** @enum {string} */
            api_style: "openai" | "anthropic" | "google" | "cohere" | "bedrock";
            base_url: string;
            model_count: number;
            capabilities: string[];
            has_active_key: boolean;
            key_status: components["schemas"]["KeyStatus"] | null;
            health: components["schemas"]["HealthState"];
        };
        ProvidersOut: {
            items: components["schemas"]["ProviderOut"][];
            next_cursor?: string | null;
        };
        RaiseIn: {
            amount: number | string;
            /** Format: date-time */
            until: string;
            why: string;
        };
        RaiseOut: {
            amount: string;
            /** Format: date-time */
            until: string;
            why: string;
            by: string;
        };
        ReconcileIn: {
            /** @enum {string} */
            provider: "openai" | "anthropic";
            costs?: components["schemas"]["ExportIn"] | null;
            usage?: components["schemas"]["ExportIn"] | null;
            keys?: {
                [key: string]: string;
            } | null;
        };
        ReconciliationOut: {
            provider: string;
            /** Format: date */
            from_day: string;
            /** Format: date */
            to_day: string;
            lines: number;
            matched: number;
            billed_usd: string | null;
            booked_usd: string;
            by_cause: {
                [key: string]: string;
            };
            differences: components["schemas"]["DifferenceOut"][];
            unread_fields: string[];
            rows_complete: boolean;
        };
        RepriceIn: {
            /** Format: date-time */
            from: string;
            /** Format: date-time */
            to: string;
            /** @default [] */
            models: string[];
            at?: string | null;
            at_least_as_good?: components["schemas"]["AlternativesIn"] | null;
            /**
             * @default own
             * @enum {string}
             */
            prices: "own" | "list";
            model?: string | null;
            provider?: string | null;
        };
        RepricedOut: {
            model: string | null;
            calls: number;
            actual_usd: string;
            hypothetical_usd: string;
            difference_usd: string;
            not_priced: {
                [key: string]: number;
            };
        };
        RepricingOut: {
            price_version: string;
            /** Format: date-time */
            believed_since: string;
            answers: components["schemas"]["RepricedOut"][];
            frontier?: components["schemas"]["UsageFrontierOut"] | null;
            next_cursor?: string | null;
        };
        RotationIn: {
            /** Format: password */
            api_key: string;
            /** @default false */
            validate: boolean;
        };
        /** @enum {string} */
        Scope: "chat" | "usage:read" | "keys:read" | "keys:write" | "prefs:write" | "budgets:write" | "catalog:write" | "admin";
        ServiceKeyChangeIn: {
            own_names: {
                [key: string]: string;
            };
        };
        ServiceKeyIn: {
            scopes: components["schemas"]["Scope"][];
            label?: string | null;
            expires_at?: string | null;
            requests_per_minute?: number | null;
            tokens_per_minute?: number | null;
            own_names?: {
                [key: string]: string;
            };
            tenant?: string | null;
        };
        ServiceKeyOut: {
            id: string;
            tenant: string;
            label: string | null;
            scopes: components["schemas"]["Scope"][];
            /** Format: date-time */
            created_at: string;
            expires_at: string | null;
            revoked_at: string | null;
            lapses_at: string | null;
            last_used_at: string | null;
            requests_per_minute: number | null;
            tokens_per_minute: number | null;
            own_names: {
                [key: string]: string;
            };
            person: string | null;
            team: string | null;
            issuer: string | null;
        };
        ServiceKeysOut: {
            items: components["schemas"]["ServiceKeyOut"][];
            next_cursor: string | null;
        };
        SignInOut: {
            issuer: string;
            client_id: string;
            scope: string;
        };
        SignInsOut: {
            items: components["schemas"]["SignInOut"][];
        };
        StoredKeyOut: {
            id: string;
            provider: string;
            last4: string;
            fingerprint: string;
            status: components["schemas"]["KeyStatus"];
            status_reason: string | null;
            status_at: string | null;
            is_active: boolean;
            order: number;
            label: string | null;
            environment: string | null;
            allowed_models: string[] | null;
            /** Format: date-time */
            created_at: string;
            rotated_at: string | null;
            deleted_at: string | null;
            last_test: components["schemas"]["ProbeOut"] | null;
            warnings: string[];
        };
        Success_AcknowledgedOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["AcknowledgedOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        Success_AllowListSetOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["AllowListSetOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        Success_AllowListsOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["AllowListsOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        Success_AuditOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["AuditOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        Success_BudgetSetOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["BudgetSetOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        Success_BudgetsOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["BudgetsOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        Success_CallDetailOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["CallDetailOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        Success_CallOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["CallOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        Success_CallerOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["CallerOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        Success_CallsOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["CallsOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        Success_DeclaredOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["DeclaredOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        Success_ErasureOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["ErasureOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        Success_IssuedKeyOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["IssuedKeyOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        Success_IssuerOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["IssuerOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        Success_IssuersOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["IssuersOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        Success_KeyOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["KeyOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        Success_KeysOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["KeysOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        Success_NarrowedHoldsOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["NarrowedHoldsOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        Success_OwnPriceOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["OwnPriceOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        Success_OwnPricesOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["OwnPricesOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        Success_PriceAlertsOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["PriceAlertsOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        Success_ProvidersOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["ProvidersOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        Success_ReconciliationOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["ReconciliationOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        Success_RepricingOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["RepricingOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        Success_ServiceKeyOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["ServiceKeyOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        Success_ServiceKeysOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["ServiceKeysOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        Success_SignInsOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["SignInsOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        Success_StoredKeyOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["StoredKeyOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        Success_TeamDeletedOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["TeamDeletedOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        Success_TeamOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["TeamOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        Success_TeamsOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["TeamsOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        Success_TenantOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["TenantOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        Success_TenantsOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["TenantsOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        Success_TenantsUsageOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["TenantsUsageOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        Success_UsageExportDeletedOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["UsageExportDeletedOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        Success_UsageExportOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["UsageExportOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        Success_UsageExportsOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["UsageExportsOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        Success_UsageOut_: {
            /**
             * @default true
             * @constant
             */
            success: true;
            data: components["schemas"]["UsageOut"];
            error?: null;
            message?: string | null;
            timestamp: string;
        };
        SumsOut: {
            calls: number;
            failed_attempts: number;
            refused: number;
            swept: number;
            corrections: number;
            cost_usd: string;
            units: {
                [key: string]: string;
            };
            latency_ms: components["schemas"]["LatencyOut"];
            first_token_ms: components["schemas"]["LatencyOut"];
        };
        TeamDeletedOut: {
            team_id: string;
        };
        TeamIn: {
            name: string;
            /** @default [] */
            service_keys: string[];
            /** @default [] */
            people: string[];
        };
        TeamOut: {
            team_id: string;
            name: string;
            service_keys: string[];
            people: string[];
        };
        TeamsOut: {
            items: components["schemas"]["TeamOut"][];
            next_cursor?: string | null;
        };
        TenantChangeIn: {
            name?: string | null;
            time_zone?: string | null;
            hash_end_users?: boolean | null;
        };
        TenantIn: {
            id?: string | null;
            name: string;
            /** @default UTC */
            time_zone: string;
        };
        TenantOut: {
            id: string;
            name: string;
            time_zone: string;
            /** Format: date-time */
            created_at: string;
            is_operator: boolean;
            hash_end_users: boolean;
            deleted_at: string | null;
        };
        TenantUsageOut: {
            calls: number;
            failed_attempts: number;
            refused: number;
            swept: number;
            corrections: number;
            cost_usd: string;
            units: {
                [key: string]: string;
            };
            latency_ms: components["schemas"]["LatencyOut"];
            first_token_ms: components["schemas"]["LatencyOut"];
            tenant: string;
            name: string;
        };
        TenantsOut: {
            items: components["schemas"]["TenantOut"][];
            next_cursor: string | null;
        };
        TenantsUsageOut: {
            /** Format: date */
            from_day: string;
            /** Format: date */
            to_day: string;
            items: components["schemas"]["TenantUsageOut"][];
            next_cursor: string | null;
        };
        /** @enum {string} */
        Tier: "micro" | "standard" | "versatile" | "heavy" | "complex";
        TokenOut: {
            access_token: string;
            issued_token_type: string;
            /** @constant */
            token_type: "Bearer";
            expires_in: number;
            scope: string;
        };
        UsageExportDeletedOut: {
            deleted: string;
        };
        UsageExportIn: {
            /** @enum {string} */
            kind: "calls" | "usage";
            from?: string | null;
            to?: string | null;
            /** @default [] */
            group_by: ("day" | "hour" | "model" | "provider" | "key" | "provider_key" | "tag" | "tier" | "user" | "session")[];
        };
        UsageExportOut: {
            id: string;
            /** @enum {string} */
            kind: "calls" | "usage";
            /** Format: date */
            from_day: string;
            /** Format: date */
            to_day: string;
            group_by: string[];
            /** @enum {string} */
            state: "waiting" | "writing" | "done" | "failed";
            /** Format: date-time */
            made_at: string;
            ended_at: string | null;
            /** Format: date-time */
            expires_at: string;
            lines: number;
            pieces: number;
            failure: string | null;
        };
        UsageExportsOut: {
            items: components["schemas"]["UsageExportOut"][];
        };
        UsageFrontierOut: {
            calls: number;
            calls_left_out: number;
            actual_usd: string;
            quality: number | null;
            models_considered: number;
            frontier: components["schemas"]["MovedOut"][];
            moves: components["schemas"]["MoveOut"][];
            saves_usd: string;
            attribution: string;
        };
        UsageGroupOut: {
            calls: number;
            failed_attempts: number;
            refused: number;
            swept: number;
            corrections: number;
            cost_usd: string;
            units: {
                [key: string]: string;
            };
            latency_ms: components["schemas"]["LatencyOut"];
            first_token_ms: components["schemas"]["LatencyOut"];
            group: {
                [key: string]: string;
            };
        };
        UsageOut: {
            /** Format: date */
            from_day: string;
            /** Format: date */
            to_day: string;
            group_by: string[];
            total: components["schemas"]["SumsOut"];
            series: components["schemas"]["UsageGroupOut"][];
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
    byok_providers: {
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
                    "application/json": components["schemas"]["Success_ProvidersOut_"];
                };
            };
        };
    };
    byok_keys: {
        parameters: {
            query?: {
                include_deleted?: boolean;
                tenant?: string | null;
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
                    "application/json": components["schemas"]["Success_KeysOut_"];
                };
            };
        };
    };
    byok_store_key: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["KeyIn"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success_StoredKeyOut_"];
                };
            };
        };
    };
    byok_key: {
        parameters: {
            query?: {
                tenant?: string | null;
            };
            header?: never;
            path: {
                key_id: string;
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
                    "application/json": components["schemas"]["Success_KeyOut_"];
                };
            };
        };
    };
    byok_delete_key: {
        parameters: {
            query?: {
                tenant?: string | null;
            };
            header?: never;
            path: {
                key_id: string;
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
                    "application/json": components["schemas"]["Success_KeyOut_"];
                };
            };
        };
    };
    byok_change_key: {
        parameters: {
            query?: {
                tenant?: string | null;
            };
            header?: never;
            path: {
                key_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["KeyChangeIn"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success_KeyOut_"];
                };
            };
        };
    };
    byok_rotate_key: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RotationIn"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success_StoredKeyOut_"];
                };
            };
        };
    };
    byok_test_key: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key_id: string;
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
                    "application/json": components["schemas"]["Success_KeyOut_"];
                };
            };
        };
    };
    byok_usage: {
        parameters: {
            query?: {
                from?: string | null;
                to?: string | null;
                group_by?: ("day" | "hour" | "model" | "provider" | "key" | "provider_key" | "tag" | "tier" | "user" | "session")[] | null;
                user?: string | null;
                session?: string | null;
                tenant?: string | null;
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
                    "application/json": components["schemas"]["Success_UsageOut_"];
                    "text/csv": string;
                };
            };
        };
    };
    byok_usage_by_tenant: {
        parameters: {
            query?: {
                from?: string | null;
                to?: string | null;
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
                    "application/json": components["schemas"]["Success_TenantsUsageOut_"];
                    "text/csv": string;
                };
            };
        };
    };
    byok_calls: {
        parameters: {
            query?: {
                model?: string | null;
                provider?: string | null;
                status?: components["schemas"]["AttemptStatus"] | null;
                from?: string | null;
                to?: string | null;
                user?: string | null;
                session?: string | null;
                key?: string | null;
                tier?: components["schemas"]["Tier"] | null;
                tag?: string[] | null;
                min_cost_usd?: number | null;
                max_cost_usd?: number | null;
                min_latency_ms?: number | null;
                max_latency_ms?: number | null;
                tenant?: string | null;
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
                    "application/json": components["schemas"]["Success_CallsOut_"];
                    "text/csv": string;
                };
            };
        };
    };
    byok_call: {
        parameters: {
            query?: {
                tenant?: string | null;
            };
            header?: never;
            path: {
                call_id: string;
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
                    "application/json": components["schemas"]["Success_CallDetailOut_"];
                };
            };
        };
    };
    byok_reprice: {
        parameters: {
            query?: {
                format?: "json" | "svg";
                tenant?: string | null;
                limit?: number;
                cursor?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RepriceIn"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success_RepricingOut_"];
                    "image/svg+xml": string;
                };
            };
        };
    };
    byok_correction: {
        parameters: {
            query?: {
                tenant?: string | null;
            };
            header?: never;
            path: {
                call_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CorrectionIn"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success_CallOut_"];
                };
            };
        };
    };
    byok_exports: {
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
                    "application/json": components["schemas"]["Success_UsageExportsOut_"];
                };
            };
        };
    };
    byok_ask_for_export: {
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
                "application/json": components["schemas"]["UsageExportIn"];
            };
        };
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success_UsageExportOut_"];
                };
            };
        };
    };
    byok_export: {
        parameters: {
            query?: {
                tenant?: string | null;
            };
            header?: never;
            path: {
                export_id: string;
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
                    "application/json": components["schemas"]["Success_UsageExportOut_"];
                };
            };
        };
    };
    byok_delete_export: {
        parameters: {
            query?: {
                tenant?: string | null;
            };
            header?: never;
            path: {
                export_id: string;
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
                    "application/json": components["schemas"]["Success_UsageExportDeletedOut_"];
                };
            };
        };
    };
    byok_export_file: {
        parameters: {
            query?: {
                piece?: number;
                tenant?: string | null;
            };
            header?: never;
            path: {
                export_id: string;
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
                    "text/csv": string;
                };
            };
        };
    };
    byok_reconcile: {
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
                "application/json": components["schemas"]["ReconcileIn"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success_ReconciliationOut_"];
                };
            };
        };
    };
    byok_focus: {
        parameters: {
            query?: {
                month?: string | null;
                day?: number | null;
                after?: string | null;
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
                    "text/csv": string;
                };
            };
        };
    };
    byok_budgets: {
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
                    "application/json": components["schemas"]["Success_BudgetsOut_"];
                };
            };
        };
    };
    byok_set_budget: {
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
                "application/json": components["schemas"]["BudgetIn"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success_BudgetSetOut_"];
                };
            };
        };
    };
    byok_teams: {
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
                    "application/json": components["schemas"]["Success_TeamsOut_"];
                };
            };
        };
    };
    byok_set_team: {
        parameters: {
            query?: {
                tenant?: string | null;
            };
            header?: never;
            path: {
                team_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TeamIn"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success_TeamOut_"];
                };
            };
        };
    };
    byok_delete_team: {
        parameters: {
            query?: {
                tenant?: string | null;
            };
            header?: never;
            path: {
                team_id: string;
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
                    "application/json": components["schemas"]["Success_TeamDeletedOut_"];
                };
            };
        };
    };
    byok_allow_lists: {
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
                    "application/json": components["schemas"]["Success_AllowListsOut_"];
                };
            };
        };
    };
    byok_set_allow_list: {
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
                "application/json": components["schemas"]["AllowListIn"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success_AllowListSetOut_"];
                };
            };
        };
    };
    byok_prices: {
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
                    "application/json": components["schemas"]["Success_OwnPricesOut_"];
                };
            };
        };
    };
    byok_set_price: {
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
                "application/json": components["schemas"]["PriceIn"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success_OwnPriceOut_"];
                };
            };
        };
    };
    byok_end_price: {
        parameters: {
            query?: {
                tenant?: string | null;
            };
            header?: never;
            path: {
                price_id: string;
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
                    "application/json": components["schemas"]["Success_OwnPriceOut_"];
                };
            };
        };
    };
    byok_narrowed: {
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
                    "application/json": components["schemas"]["Success_NarrowedHoldsOut_"];
                };
            };
        };
    };
    byok_acknowledge: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AcknowledgeIn"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success_AcknowledgedOut_"];
                };
            };
        };
    };
    byok_price_alerts: {
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
                    "application/json": components["schemas"]["Success_PriceAlertsOut_"];
                };
            };
        };
    };
    byok_set_price_alerts: {
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
                "application/json": components["schemas"]["PriceAlertsIn"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success_PriceAlertsOut_"];
                };
            };
        };
    };
    byok_reset_price_alerts: {
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
                    "application/json": components["schemas"]["Success_PriceAlertsOut_"];
                };
            };
        };
    };
    byok_service_keys: {
        parameters: {
            query?: {
                exchanged?: boolean;
                tenant?: string | null;
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
                    "application/json": components["schemas"]["Success_ServiceKeysOut_"];
                };
            };
        };
    };
    byok_issue_service_key: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ServiceKeyIn"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success_IssuedKeyOut_"];
                };
            };
        };
    };
    byok_revoke_service_key: {
        parameters: {
            query?: {
                tenant?: string | null;
            };
            header?: never;
            path: {
                key_id: string;
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
                    "application/json": components["schemas"]["Success_ServiceKeyOut_"];
                };
            };
        };
    };
    byok_change_service_key: {
        parameters: {
            query?: {
                tenant?: string | null;
            };
            header?: never;
            path: {
                key_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ServiceKeyChangeIn"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success_ServiceKeyOut_"];
                };
            };
        };
    };
    byok_audit_log: {
        parameters: {
            query?: {
                tenant?: string | null;
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
                    "application/json": components["schemas"]["Success_AuditOut_"];
                };
            };
        };
    };
    byok_tenants: {
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
                    "application/json": components["schemas"]["Success_TenantsOut_"];
                };
            };
        };
    };
    byok_make_tenant: {
        parameters: {
            query?: never;
            header?: {
                "Idempotency-Key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TenantIn"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success_TenantOut_"];
                };
            };
        };
    };
    byok_tenant: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                tenant_id: string;
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
                    "application/json": components["schemas"]["Success_TenantOut_"];
                };
            };
        };
    };
    byok_delete_tenant: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                tenant_id: string;
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
                    "application/json": components["schemas"]["Success_ErasureOut_"];
                };
            };
        };
    };
    byok_change_tenant: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                tenant_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TenantChangeIn"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success_TenantOut_"];
                };
            };
        };
    };
    byok_declare: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DeclarationIn"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success_DeclaredOut_"];
                };
            };
        };
    };
    byok_issuers: {
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
                    "application/json": components["schemas"]["Success_IssuersOut_"];
                };
            };
        };
    };
    byok_trust_issuer: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["IssuerIn"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success_IssuerOut_"];
                };
            };
        };
    };
    byok_distrust_issuer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                issuer_id: string;
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
                    "application/json": components["schemas"]["Success_IssuerOut_"];
                };
            };
        };
    };
    byok_caller: {
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
                    "application/json": components["schemas"]["Success_CallerOut_"];
                };
            };
        };
    };
    byok_exchange_token: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/x-www-form-urlencoded": {
                    /** @enum {string} */
                    grant_type: "urn:ietf:params:oauth:grant-type:token-exchange";
                    subject_token: string;
                    /** @enum {string} */
                    subject_token_type: "urn:ietf:params:oauth:token-type:jwt" | "urn:ietf:params:oauth:token-type:access_token" | "urn:ietf:params:oauth:token-type:id_token";
                    /** @enum {string} */
                    requested_token_type?: "urn:ietf:params:oauth:token-type:access_token";
                    scope?: string;
                    audience?: string;
                    resource?: string;
                    client_id?: string;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokenOut"];
                };
            };
        };
    };
    byok_key_of_role: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/x-www-form-urlencoded": {
                    /** @enum {string} */
                    grant_type: "client_credentials";
                    scope?: string;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokenOut"];
                };
            };
        };
    };
    byok_sign_in: {
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
                    "application/json": components["schemas"]["Success_SignInsOut_"];
                };
            };
        };
    };
    byok_health: {
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
