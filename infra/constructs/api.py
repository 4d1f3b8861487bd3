"""The REST API: every path prefix to its function, with throttling, access logs and traces."""

import json
from collections.abc import Mapping
from typing import Final

from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_wafv2 as wafv2
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
STAGE: Final = "live"

# API Gateway's own refusals: status (None: its own), code, message. It says 403 for a path that it does not know.
REFUSALS: Final = {
    "MISSING_AUTHENTICATION_TOKEN": (404, "not_found", "there is nothing at this path"),
    "REQUEST_TOO_LARGE": (413, "too_large", "the request is too large"),
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
        streams: frozenset[str],
    ) -> None:
        super().__init__(scope, construct_id)
        access_log = log_group(self, "AccessLog", "access", environment, key)
        self.rest_api = apigateway.RestApi(
            self,
            "RestApi",
            rest_api_name=f"atom-llm-{environment.name}",
            endpoint_types=[apigateway.EndpointType.REGIONAL],
            cloud_watch_role=True,
            cloud_watch_role_removal_policy=environment.removal_policy,
            deploy_options=apigateway.StageOptions(
                stage_name=STAGE,
                tracing_enabled=True,
                metrics_enabled=True,
                logging_level=apigateway.MethodLoggingLevel.ERROR,
                data_trace_enabled=False,
                throttling_rate_limit=environment.throttle_rate,
                throttling_burst_limit=environment.throttle_burst,
                access_log_destination=apigateway.LogGroupLogDestination(access_log),
                access_log_format=apigateway.AccessLogFormat.custom(json.dumps(ACCESS_LOG)),
            ),
        )
        for kind, (status, code, message) in REFUSALS.items():
            self._refuse(kind, status, code, message)
        for group, prefix in PREFIXES.items():
            self._route(prefix, targets[group], streams=group in streams)
        self._acknowledge(environment)
        if environment.web_acl_rate_limit is not None:
            self._protect(environment.name, environment.web_acl_rate_limit)

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

    def _route(self, prefix: str, target: lambda_.IFunction, *, streams: bool) -> None:
        integration = apigateway.LambdaIntegration(
            target,
            scope_permission_to_method=False,
            response_transfer_mode=apigateway.ResponseTransferMode.STREAM if streams else None,
        )
        resource = self.rest_api.root.resource_for_path(prefix)
        resource.add_method("ANY", integration)
        resource.add_resource("{proxy+}").add_method("ANY", integration)

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
        """Add a web ACL: a limit for one address, and AWS's common rules, of which those on bodies only count."""
        common = wafv2.CfnWebACL.ManagedRuleGroupStatementProperty(
            vendor_name="AWS",
            name="AWSManagedRulesCommonRuleSet",
            rule_action_overrides=[
                wafv2.CfnWebACL.RuleActionOverrideProperty(
                    name=rule, action_to_use=wafv2.CfnWebACL.RuleActionProperty(count={})
                )
                for rule in ("SizeRestrictions_BODY", "CrossSiteScripting_BODY", "GenericLFI_BODY", "GenericRFI_BODY")
            ],
        )
        acl = wafv2.CfnWebACL(
            self,
            "WebAcl",
            scope="REGIONAL",
            default_action=wafv2.CfnWebACL.DefaultActionProperty(allow={}),
            visibility_config=_visibility(f"atom-llm-{name}"),
            rules=[
                wafv2.CfnWebACL.RuleProperty(
                    name="one-address",
                    priority=0,
                    action=wafv2.CfnWebACL.RuleActionProperty(block={}),
                    statement=wafv2.CfnWebACL.StatementProperty(
                        rate_based_statement=wafv2.CfnWebACL.RateBasedStatementProperty(
                            limit=rate_limit, aggregate_key_type="IP"
                        )
                    ),
                    visibility_config=_visibility("one-address"),
                ),
                wafv2.CfnWebACL.RuleProperty(
                    name="common",
                    priority=1,
                    override_action=wafv2.CfnWebACL.OverrideActionProperty(none={}),
                    statement=wafv2.CfnWebACL.StatementProperty(managed_rule_group_statement=common),
                    visibility_config=_visibility("common"),
                ),
            ],
        )
        wafv2.CfnWebACLAssociation(
            self, "WebAclOfStage", resource_arn=self.rest_api.deployment_stage.stage_arn, web_acl_arn=acl.attr_arn
        )


def _visibility(name: str) -> wafv2.CfnWebACL.VisibilityConfigProperty:
    return wafv2.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=False
    )
