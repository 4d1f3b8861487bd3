"""`make apply ENV=… FILE=budgets.yaml`: bring tenants to what a file declares, after a look at what would change.

`local` is the service of `make run`, with the key that it keeps; for others the environment variable `KEY` is an
admin's key, and the address stands in the outputs of the service stack (`URL` in its place asks nobody). Without
`YES=1` only the plan is printed.
"""

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, get_args

import boto3
import httpx
import yaml  # type: ignore[import-untyped]
from botocore.exceptions import BotoCoreError, ClientError

from atom_llm.settings import EnvironmentName
from local.account.data_stack import WHICH
from local.ports import ports_asked_for
from local.processes import HOST
from local.steps import CannotGoOn
from local.workspace import ROOT

KEY_FILE: Final = ROOT / ".local" / "service-key"
PATIENCE_S: Final = 60.0  # a document of a hundred tenants, behind a gateway that gives up after 29
MARKS: Final = {"create": "+", "change": "~", "remove": "-"}


class _Exactly(yaml.SafeLoader):  # type: ignore[misc]
    """A loader that leaves what is no plain whole number, `true` or `false` as it is written, and takes no name twice.

    An amount is a decimal, and no float; `0100` is not 64, `1:30` not 90, and a tenant `yes` not `true`.
    """

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        """Return a mapping; raises `ConstructorError` with the line of a name that is given a second time."""
        seen: set[str] = set()
        for name, _ in node.value:
            if isinstance(name, yaml.ScalarNode) and name.value in seen:
                raise yaml.constructor.ConstructorError(
                    problem=f"{name.value} is given twice", problem_mark=name.start_mark
                )
            seen.add(str(name.value))
        return super().construct_mapping(node, deep)


def _whole_number(loader: _Exactly, node: Any) -> Any:
    text = loader.construct_scalar(node)
    return int(text) if re.fullmatch(r"-?(0|[1-9][0-9_]*)", text) else text


def _truth(loader: _Exactly, node: Any) -> Any:
    text = loader.construct_scalar(node)
    return {"true": True, "false": False}.get(text.lower(), text)


_Exactly.add_constructor("tag:yaml.org,2002:int", _whole_number)
_Exactly.add_constructor("tag:yaml.org,2002:bool", _truth)
for _kind in ("float", "timestamp"):
    _Exactly.add_constructor(f"tag:yaml.org,2002:{_kind}", lambda loader, node: loader.construct_scalar(node))


def document_of(text: str) -> Mapping[str, Any]:
    """Read a document; raises `CannotGoOn` with the line that is wrong."""
    try:
        found = yaml.load(text, _Exactly)  # noqa: S506  (a SafeLoader)
    except yaml.YAMLError as error:
        raise CannotGoOn(f"The file cannot be read: {error}") from None
    if not isinstance(found, dict) or set(found) != {"tenants"} or not isinstance(found["tenants"], dict):
        raise CannotGoOn("The file has to have `tenants`, each by its id, and nothing beside it (docs/money.md).")
    return found


def lines_of(changes: list[Mapping[str, Any]]) -> list[str]:
    """Return a plan as it is printed."""
    return [
        " ".join(
            part
            for part in (
                MARKS[each["how"]],
                f"{each['tenant']}:",
                each["what"],
                each["subject"],
                f"({'; '.join(each['differences'])})" if each["differences"] else "",
            )
            if part
        )
        for each in changes
    ]


def ask(client: httpx.Client, document: Mapping[str, Any], *, dry_run: bool) -> list[Mapping[str, Any]]:
    """Return the changes that a document came to, or would; raises `CannotGoOn` with what the service says."""
    try:
        answer = client.post("/api/byok/declaration", json={**document, "dry_run": dry_run})
        said = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise CannotGoOn(f"The service at {client.base_url} did not answer: {error}") from None
    if answer.status_code != 200:
        fault = said.get("error") or {}
        details = fault.get("details") or {}
        what = _what_was_done(details.get("changes_made"), dry_run=dry_run, is_refused=answer.status_code < 500)
        message = str(fault.get("message", said))
        places = [f"{each['field']} {each.get('message', '')}".rstrip() for each in details.get("fields") or ()]
        told = [f"\n  {place}" for place in places if not message.startswith(place)]  # that one is in the message
        raise CannotGoOn(f"{what}: {message}{''.join(told)}")
    changes: list[Mapping[str, Any]] = said["data"]["changes"]
    return changes


def _what_was_done(made: int | None, *, dry_run: bool, is_refused: bool) -> str:
    """Return what a document that came to no end has changed; a service that failed may have made a part of it."""
    if made:
        return f"{made} changes were made; the same again makes the rest"
    if dry_run or is_refused or made == 0:
        return "Nothing was changed"
    return "It is not known what was changed; the same again shows and makes the rest"


def main(environment: str, file: str) -> int:
    """Print the plan, and carry it out with `YES=1`; returns the exit code."""
    try:
        if environment not in get_args(EnvironmentName):
            raise CannotGoOn(WHICH)
        if not file or not Path(file).is_file():
            raise CannotGoOn("Say which file declares the tenants: FILE=budgets.yaml.")
        document = document_of(Path(file).read_text("utf-8"))
        url, key = _reached(environment)
        headers = {"Authorization": f"Bearer {key}"}
        with httpx.Client(base_url=url, headers=headers, timeout=PATIENCE_S) as client:
            planned = ask(client, document, dry_run=True)
            print("\n".join(lines_of(planned)) or "It is all so already.")
            if not planned:
                return 0
            if os.environ.get("YES") != "1":
                print(f"\n{len(planned)} changes would be made; YES=1 makes them.")
                return 0
            made = ask(client, document, dry_run=False)
            print(f"\n{len(made)} changes were made.")
    except (CannotGoOn, BotoCoreError, ClientError) as obstacle:
        print(obstacle, file=sys.stderr)
        return 1
    return 0


def _reached(environment: str) -> tuple[str, str]:
    """Return the address and the key of a deployment."""
    url, key = os.environ.get("URL", ""), os.environ.get("KEY", "")
    if environment == "local":
        if not key and not KEY_FILE.exists():
            raise CannotGoOn("`make run` has made no key here yet; start it, or say KEY=….")
        return url or f"http://{HOST}:{ports_asked_for().front_door}", key or KEY_FILE.read_text().strip()
    if not key:
        raise CannotGoOn("Say an admin's key in the environment variable KEY (`make admin-key` makes one).")
    return url or _api_url(environment), key


def _api_url(environment: str) -> str:
    client: Any = boto3.client("cloudformation")
    found = client.describe_stacks(StackName=f"atom-llm-{environment}-service")["Stacks"][0]
    outputs = {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", [])}
    if "ApiUrl" not in outputs:
        raise CannotGoOn(f"The stack atom-llm-{environment}-service has no output ApiUrl; say URL=….")
    return str(outputs["ApiUrl"]).rstrip("/")


if __name__ == "__main__":
    sys.exit(main(*([*sys.argv[1:], "", ""][:2])))
