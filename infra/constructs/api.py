"""The REST API: every path prefix to its function, with throttling, access logs and traces."""

import json
from collections.abc import Mapping
from typing import Final

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_wafv2 as wafv2
from aws_cdk import aws_xray as xray
from constructs import Construct

from infra.acknowledge import acknowledge
from infra.constructs.log_group import log_group
from infra.environments import Environment

PREFIXES: Final[Mapping[str, str]] = {
    "byok": "api/byok",
    "pricing": "api/ai/pricing",
    "registry": "api/llm-registry",
    "tiers": "api/cognitive-tiers",
    "chat": "v1",
}
SIGNED_PATH: Final = "api/byok/iam/token"  # where API Gateway checks signatures, and says whose they are
CONSOLE_PREFIX: Final = "console"
REFERENCE_PATHS: Final = ("docs", "openapi.json")  # the console's function answers these too
STAGE: Final = "live"
KEY_HEADERS: Final = ("authorization", "x-api-key")  # where a service key may stand
WITHOUT_A_KEY: Final = 2_000  # requests of one address in five minutes
UNCHANGED: Final = [wafv2.CfnWebACL.TextTransformationProperty(priority=0, type="NONE")]
BODY_RULES: Final = (
    *("SizeRestrictions_BODY", "CrossSiteScripting_BODY", "GenericLFI_BODY", "GenericRFI_BODY"),
    "EC2MetaDataSSRF_BODY",
)

# API Gateway's own refusals: status (None: its own), code, message. It says 403 for a path that it does not know.
REFUSALS: Final = {
    "MISSING_AUTHENTICATION_TOKEN": (404, "not_found", "there is nothing at this path"),
    "REQUEST_TOO_LARGE": (
        413,
        "too_large",
        "the request is too large: Lambda takes 6 MB of it written as JSON text, in which each quote, backslash and"
        " line break counts twice; send less at once, or images and files by their address",
    ),
    "THROTTLED": (429, "rate_limited", "too many requests"),
    "INTEGRATION_TIMEOUT": (504, "upstream_timeout", "the function did not answer in time"),
    "INTEGRATION_FAILURE": (503, "unavailable", "the function could not be called"),
    "DEFAULT_4_XX": (None, "invalid_request", "the request was refused"),
    "DEFAULT_5_XX": (None, "internal_error", "a mistake of ours"),
}

# No header and no body: a service key must not be in a log, and a prompt is nobody's business.
ACCESS_LOG: Final = {
    "requestId": "$context.requestId",
    "ip": "$context.identity.sourceIp",
    "time": "$context.requestTimeEpoch",
    "method": "$context.httpMethod",
    "path": "$context.path",
    "status": "$context.status",
    "bytes": "$context.responseLength",
    "latency_ms": "$context.responseLatency",
    "function_ms": "$context.integration.latency",
    "error": "$context.error.messageString",
    "trace": "$context.xrayTraceId",
}


# What is handed on byte by byte: forms with recordings, and the sound that OpenAI's clients accept. All else is text.
BINARY = ("multipart/form-data", "application/octet-stream")


class Api(Construct):
    """One regional REST API in front of all functions."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        key: kms.IKey,
        targets: Mapping[str, lambda_.IFunction],
        console: lambda_.IFunction,
        streams: Mapping[str, Duration],
    ) -> None:
        """Make the API; `streams` names the groups whose answers stream, and for how long at most."""
        super().__init__(scope, construct_id)
        access_log = log_group(self, "AccessLog", "access", environment, key)
        self.rest_api = apigateway.RestApi(
            self,
            "RestApi",
            rest_api_name=f"atom-llm-{environment.name}",
            endpoint_types=[apigateway.EndpointType.REGIONAL],
            binary_media_types=list(BINARY),
            cloud_watch_role=True,
            # One for the account, whichever environment was deployed last: no other may lose it with this one.
            cloud_watch_role_removal_policy=RemovalPolicy.RETAIN,
            deploy_options=apigateway.StageOptions(
                stage_name=STAGE,
                tracing_enabled=True,
                metrics_enabled=False,  # those of each method are charged for; the API's own are not
                logging_level=apigateway.MethodLoggingLevel.ERROR,
                data_trace_enabled=False,
                throttling_rate_limit=environment.throttle_rate,
                throttling_burst_limit=environment.throttle_burst,
                access_log_destination=apigateway.LogGroupLogDestination(access_log),
                access_log_format=apigateway.AccessLogFormat.custom(json.dumps(ACCESS_LOG)),
            ),
        )
        if environment.trace_share is not None:
            self._sample(environment.name, environment.trace_share)
        for kind, (status, code, message) in REFUSALS.items():
            self._refuse(kind, status, code, message)
        for group, prefix in PREFIXES.items():
            self._route(prefix, targets[group], lasts=streams.get(group))
        self._sign(targets["byok"])
        self._route(CONSOLE_PREFIX, console, lasts=None)
        for path in REFERENCE_PATHS:
            self.rest_api.root.add_resource(path).add_method(
                "GET", apigateway.LambdaIntegration(console, scope_permission_to_method=False)
            )
        self._acknowledge(environment)
        if environment.web_acl_rate_limit is not None:
            self._protect(environment.name, environment.web_acl_rate_limit)

    def _sample(self, name: str, share: float) -> None:
        """Trace this share of the requests; functions behind the API go by what it decided."""
        rule = xray.CfnSamplingRule.SamplingRuleProperty(
            rule_name=f"atom-llm-{name}",
            version=1,
            priority=1000,
            reservoir_size=0,  # else the first request of each second as well: 2.6 million traces a month
            fixed_rate=share,
            service_type="AWS::ApiGateway::Stage",
            service_name=f"atom-llm-{name}/{STAGE}",
            resource_arn="*",
            host="*",
            http_method="*",
            url_path="*",
        )
        xray.CfnSamplingRule(self, "Traced", sampling_rule=rule)

    def _refuse(self, kind: str, status: int | None, code: str, message: str) -> None:
        """Word an answer that the gateway gives by itself, in the envelope of the control plane."""
        error = {"code": code, "message": message, "details": None}
        body = {"success": False, "data": None, "error": error, "message": message, "timestamp": None}
        headers = {"x-request-id": "context.requestId"}
        if status in (429, 503):
            headers["Retry-After"] = "'1'"
        self.rest_api.add_gateway_response(
            f"Refuses{kind}",
            type=getattr(apigateway.ResponseType, kind),
            status_code=None if status is None else str(status),
            response_headers=headers,
            templates={"application/json": json.dumps(body)},
        )

    def _route(self, prefix: str, target: lambda_.IFunction, *, lasts: Duration | None) -> None:
        """Lead a prefix to its function; an answer that streams lasts longer than the 29 s that others have."""
        integration = apigateway.LambdaIntegration(
            target,
            scope_permission_to_method=False,
            response_transfer_mode=apigateway.ResponseTransferMode.STREAM if lasts else None,
            timeout=lasts,
        )
        resource = self.rest_api.root.resource_for_path(prefix)
        resource.add_method("ANY", integration)
        resource.add_resource("{proxy+}").add_method("ANY", integration)

    def _sign(self, target: lambda_.IFunction) -> None:
        """Have signed requests checked at the one path that goes by them; at any other a signature says nothing."""
        self.rest_api.root.resource_for_path(SIGNED_PATH).add_method(
            "POST",
            apigateway.LambdaIntegration(target, scope_permission_to_method=False),
            authorization_type=apigateway.AuthorizationType.IAM,
        )

    def _acknowledge(self, environment: Environment) -> None:
        by_key = (
            "Callers show a service key, which the function checks; API Gateway has no authoriser for keyed hashes."
        )
        acknowledge(self.rest_api, "APIG4", by_key)
        acknowledge(self.rest_api, "COG4", by_key)
        acknowledge(self.rest_api, "APIG2", "The functions validate against their schemas and name the invalid field.")
        acknowledge(
            self.rest_api,
            "IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]",
            "API Gateway's one role in an account for all its logs; AWS documents this policy for it.",
        )
        if environment.web_acl_rate_limit is None:
            acknowledge(self.rest_api, "APIG3", f"{environment.name} is throttled by its stage; prod has a web ACL.")

    def _protect(self, name: str, rate_limit: int) -> None:
        """Add a web ACL: a limit for one key, a low one for who shows none, and AWS's common rules.

        Of those the ones on bodies only count: a prompt may speak of anything. By address alone one busy server behind
        its gateway would be refused.
        """
        common = wafv2.CfnWebACL.ManagedRuleGroupStatementProperty(
            vendor_name="AWS",
            name="AWSManagedRulesCommonRuleSet",
            rule_action_overrides=[
                wafv2.CfnWebACL.RuleActionOverrideProperty(
                    name=rule, action_to_use=wafv2.CfnWebACL.RuleActionProperty(count={})
                )
                for rule in BODY_RULES
            ],
        )
        acl = wafv2.CfnWebACL(
            self,
            "WebAcl",
            scope="REGIONAL",
            default_action=wafv2.CfnWebACL.DefaultActionProperty(allow={}),
            visibility_config=_visibility(f"atom-llm-{name}"),
            rules=[
                *(_rate_of_one_key(header, place, rate_limit) for place, header in enumerate(KEY_HEADERS)),
                wafv2.CfnWebACL.RuleProperty(
                    name="one-address-without-a-key",
                    priority=len(KEY_HEADERS),
                    action=wafv2.CfnWebACL.RuleActionProperty(block={}),
                    statement=wafv2.CfnWebACL.StatementProperty(
                        rate_based_statement=wafv2.CfnWebACL.RateBasedStatementProperty(
                            limit=WITHOUT_A_KEY, aggregate_key_type="IP", scope_down_statement=_without_a_key()
                        )
                    ),
                    visibility_config=_visibility("one-address-without-a-key"),
                ),
                wafv2.CfnWebACL.RuleProperty(
                    name="common",
                    priority=len(KEY_HEADERS) + 1,
                    override_action=wafv2.CfnWebACL.OverrideActionProperty(none={}),
                    statement=wafv2.CfnWebACL.StatementProperty(managed_rule_group_statement=common),
                    visibility_config=_visibility("common"),
                ),
            ],
        )
        wafv2.CfnWebACLAssociation(
            self, "WebAclOfStage", resource_arn=self.rest_api.deployment_stage.stage_arn, web_acl_arn=acl.attr_arn
        )


def _rate_of_one_key(header: str, priority: int, limit: int) -> wafv2.CfnWebACL.RuleProperty:
    """Return the rule that bounds the requests of one service key in five minutes, from however many addresses."""
    by_key = wafv2.CfnWebACL.RateBasedStatementCustomKeyProperty(
        header=wafv2.CfnWebACL.RateLimitHeaderProperty(name=header, text_transformations=UNCHANGED)
    )
    return wafv2.CfnWebACL.RuleProperty(
        name=f"one-key-in-{header}",
        priority=priority,
        action=wafv2.CfnWebACL.RuleActionProperty(block={}),
        statement=wafv2.CfnWebACL.StatementProperty(
            rate_based_statement=wafv2.CfnWebACL.RateBasedStatementProperty(
                limit=limit, aggregate_key_type="CUSTOM_KEYS", custom_keys=[by_key]
            )
        ),
        visibility_config=_visibility(f"one-key-in-{header}"),
    )


def _without_a_key() -> wafv2.CfnWebACL.StatementProperty:
    """Return the statement that holds for a request in none of whose headers a service key can stand."""
    empty = [
        wafv2.CfnWebACL.StatementProperty(
            not_statement=wafv2.CfnWebACL.NotStatementProperty(
                statement=wafv2.CfnWebACL.StatementProperty(
                    size_constraint_statement=wafv2.CfnWebACL.SizeConstraintStatementProperty(
                        field_to_match=wafv2.CfnWebACL.FieldToMatchProperty(single_header={"Name": header}),
                        comparison_operator="GT",
                        size=0,
                        text_transformations=UNCHANGED,
                    )
                )
            )
        )
        for header in KEY_HEADERS
    ]
    return wafv2.CfnWebACL.StatementProperty(and_statement=wafv2.CfnWebACL.AndStatementProperty(statements=empty))


def _visibility(name: str) -> wafv2.CfnWebACL.VisibilityConfigProperty:
    return wafv2.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=False
    )
