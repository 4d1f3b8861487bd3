"""The Lambda functions as they are built: import to ready, and warm events through the real handlers."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.measures.prices import SNAPSHOT
from benchmarks.probing import BARE_PYTHON, PROBES, bare_probe
from benchmarks.real_files import ROOT
from benchmarks.report import Figure, Row
from infra.build_assets import BUILD, FUNCTION_GROUPS, build

CODE: Final = BUILD / "layer-code" / "python"
PACKAGES: Final = BUILD / "layer-dependencies" / "python"

# As the stacks set it. With a function's name in the environment, a function builds its AWS clients at import.
ENVIRONMENT: Final = {
    "ATOM_ENVIRONMENT": "dev",
    "ATOM_KEYS_TABLE": "keys",
    "ATOM_USAGE_TABLE": "usage",
    "ATOM_CATALOGUE_TABLE": "catalogue",
    "ATOM_RUNTIME_TABLE": "runtime",
    "ATOM_PEPPER_SECRET_ID": "pepper",
    "POWERTOOLS_METRICS_NAMESPACE": "AtomLLM",
    "POWERTOOLS_SERVICE_NAME": "bench",
    "AWS_LAMBDA_FUNCTION_NAME": "bench",
    "AWS_REGION": "eu-west-1",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_SECRET_ACCESS_KEY": "none",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",  # nothing is asked; if something were, it would be refused
}
PREFIXES: Final = {
    "byok": "/api/byok",
    "chat": "/v1",
    "pricing": "/api/ai/pricing",
    "registry": "/api/llm-registry",
    "tiers": "/api/cognitive-tiers",
}
ESTIMATE: Final = {
    "model": "openai/gpt-4o",
    "input_tokens": 12_000,
    "cached_tokens": 9_000,
    "output_tokens": 600,
    "service_tier": "priority",
}
Event = tuple[str, str, object]  # method, path below the group's prefix, body

# Beside each group's health: what a caller asks most.
EVENTS: Final[dict[str, dict[str, Event]]] = {
    "pricing": {
        "a model by id": ("GET", "/model/openai/gpt-4o", None),
        "a model by another spelling": ("GET", "/model/claude-4.5-sonnet", None),
        "an estimate": ("POST", "/estimate", ESTIMATE),
        "a provider's first page": ("GET", "/provider/openai", None),
        "the overview": ("GET", "", None),
    },
}
BARE: Final = "bare FastAPI, Mangum, boto3"
REFRESH: Final = "pricing refresh"


def prepare() -> None:
    """Build what is deployed, for this machine."""
    build("native", report=lambda _: None)


def rows(repeats: int) -> Iterator[Row]:
    """Yield the imports of every function's module, then events."""
    modules = {group: f"functions.{group}.main" for group in FUNCTION_GROUPS if _exists(f"functions.{group}.main")}
    if _exists("functions.pricing.refresh"):
        modules[REFRESH] = "functions.pricing.refresh"
    yield from _imports(modules, repeats)
    for group in (group for group in FUNCTION_GROUPS if group in modules):
        yield from _events(group, repeats)


def _imports(modules: dict[str, str], repeats: int) -> Iterator[Row]:
    runs: dict[str, list[Any]] = {name: [] for name in (*modules, BARE)}
    for _ in range(repeats + 1):  # the first round only warms the disk's cache
        runs[BARE].append(_imported(PROBES, "bare_service"))
        for name, module in modules.items():
            runs[name].append(_imported(BUILD / "functions" / module.split(".")[1], module))
    for name in modules:
        # The scheduled one builds its clients when it is called; everything else is ready for an event.
        work = f"Lambda {name}: import" if name == REFRESH else f"Lambda {name}: import to ready"
        for what, key, unit, reach in (
            (work, "ms", "ms", 600.0 if name == "pricing" else None),
            ("– memory over bare Python", "mb", "MB", None),
        ):
            beside = [] if name == REFRESH else [(BARE, _of(runs[BARE][1:], key, unit))]
            yield Row(what, _of(runs[name][1:], key, unit), beside, reach)


def _imported(folder: Path, module: str) -> Any:
    return bare_probe("imports", [folder, CODE, PACKAGES], environ=ENVIRONMENT, modules=[module])


def _events(group: str, repeats: int) -> Iterator[Row]:
    prefix = PREFIXES[group]
    asked: dict[str, Event] = {"health": ("GET", "/health", None)} | EVENTS.get(group, {})
    events = {name: (method, prefix + path, body) for name, (method, path, body) in asked.items()}
    path = [BUILD / "functions" / group, CODE, PACKAGES, ROOT]
    runs = [
        bare_probe(
            "lambda_events",
            path,
            python=BARE_PYTHON,
            environ=ENVIRONMENT,
            group=group,
            events=events,
            snapshot=str(SNAPSHOT),
        )
        for _ in range(repeats)
    ]
    for name in events:
        answers = [run[name] for run in runs]
        beside = [("p99", _of(answers, "p99_ms", "ms")), ("the first of its kind", _of(answers, "first_ms", "ms"))]
        yield Row(f"Lambda {group}, warm event: {name}", _of(answers, "median_ms", "ms"), beside)


def _exists(module: str) -> bool:
    return (ROOT / f"{module.replace('.', '/')}.py").is_file()


def _of(runs: Sequence[Any], name: str, unit: str) -> Figure:
    return Figure(tuple(run[name] for run in runs), unit)
