"""`make grafana`: write the dashboard for Grafana, over Prometheus (`make run`) and over CloudWatch (a deployment)."""

import json
import sys
from pathlib import Path
from typing import Any, Final

WRITTEN: Final = Path("docs/grafana/atom-llm.json")
PROMETHEUS: Final = {"type": "prometheus", "uid": "${prometheus}"}
CLOUDWATCH: Final = {"type": "cloudwatch", "uid": "${cloudwatch}"}
WIDTH, HEIGHT, A_ROW = 8, 8, 3  # of a panel, in Grafana's grid of 24 columns; panels side by side

_SPAN: Final = "$__rate_interval"
_DURATION: Final = "gen_ai_client_operation_duration_seconds"
_MODEL: Final = "gen_ai_provider_name, gen_ai_request_model"
# Title, unit, expression and legend of each panel over Prometheus.
OVER_PROMETHEUS: Final = (
    ("Spend by model, USD a day", "currencyUSD", f"86400 * sum by ({_MODEL}) (rate(atom_llm_cost_usd_total[{_SPAN}]))"),
    ("Spend by tenant, USD a day", "currencyUSD", f"86400 * sum by (tenant) (rate(atom_llm_cost_usd_total[{_SPAN}]))"),
    ("Attempts a second", "reqps", f"sum by ({_MODEL}) (rate({_DURATION}_count[{_SPAN}]))"),
    (
        "Failed attempts a second",
        "reqps",
        f'sum by (gen_ai_provider_name, error_type) (rate({_DURATION}_count{{error_type!=""}}[{_SPAN}]))',
    ),
    (
        "Duration of attempts, p95",
        "s",
        f"histogram_quantile(0.95, sum by (le, {_MODEL}) (rate({_DURATION}_bucket[{_SPAN}])))",
    ),
    (
        "Tokens a second",
        "short",
        f"sum by (gen_ai_request_model, gen_ai_token_type) (rate(gen_ai_client_token_usage_sum[{_SPAN}]))",
    ),
    ("Requests a second", "reqps", f"sum by (group) (rate(atom_llm_requests_total[{_SPAN}]))"),
    ("Answers with 5xx a second", "reqps", f"sum by (group) (rate(atom_llm_failures_total[{_SPAN}]))"),
    (
        "Latency of answers, p95",
        "s",
        f"histogram_quantile(0.95, sum by (le, group) (rate(atom_llm_latency_seconds_bucket[{_SPAN}])))",
    ),
)
# Title, unit, metric, group and statistic of each panel over CloudWatch.
OVER_CLOUDWATCH: Final = (
    ("Requests", "short", "Requests", "chat", "Sum"),
    ("Answers with 5xx", "short", "Failures", "chat", "Sum"),
    ("Latency of answers, p95", "ms", "Latency", "chat", "p95"),
    ("Circuits opened", "short", "CircuitsOpened", "chat", "Sum"),
    ("Spend above what was held", "short", "SpendAboveHold", "byok", "Sum"),
    ("Usage beyond bounds", "short", "UsageBeyondBounds", "chat", "Sum"),
)


def dashboard() -> dict[str, Any]:
    """Return the dashboard as Grafana imports it."""
    over_prometheus = [
        _panel(place, title, unit, PROMETHEUS, {"expr": expression, "legendFormat": "__auto"})
        for place, (title, unit, expression) in enumerate(OVER_PROMETHEUS)
    ]
    over_cloudwatch = [
        _panel(place, title, unit, CLOUDWATCH, _asked_of_cloudwatch(metric, group, statistic))
        for place, (title, unit, metric, group, statistic) in enumerate(OVER_CLOUDWATCH, start=len(OVER_PROMETHEUS))
    ]
    return {
        "title": "atom-llm",
        "uid": "atom-llm",
        "schemaVersion": 39,
        "timezone": "utc",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {
            "list": [
                *({"name": kind, "type": "datasource", "query": kind} for kind in ("prometheus", "cloudwatch")),
                {"name": "namespace", "type": "textbox", "query": "AtomLLM/dev"},
            ]
        },
        "panels": [*over_prometheus, *over_cloudwatch],
    }


def _panel(place: int, title: str, unit: str, source: dict[str, str], target: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": place + 1,
        "title": title,
        "type": "timeseries",
        "datasource": source,
        "gridPos": {"x": place % A_ROW * WIDTH, "y": place // A_ROW * HEIGHT, "w": WIDTH, "h": HEIGHT},
        "fieldConfig": {"defaults": {"unit": unit, "min": 0}, "overrides": []},
        "targets": [{"refId": "A", "datasource": source, **target}],
    }


def _asked_of_cloudwatch(metric: str, group: str, statistic: str) -> dict[str, Any]:
    return {
        "namespace": "$namespace",
        "metricName": metric,
        "statistic": statistic,
        "dimensions": {"group": group},
        "matchExact": False,
        "region": "default",
        "period": "60",
    }


def main() -> int:
    """Write the dashboard where the repository has it."""
    WRITTEN.write_text(json.dumps(dashboard(), indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
