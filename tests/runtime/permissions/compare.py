"""What functions asked AWS for, compared with what their roles may do."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Final

from testing.lambda_runtime.needed_permissions import Permission
from testing.lambda_runtime.role_permissions import Grant

# What AWS asks for in a function's name while its code says nothing: logs, traces, the stream's poller, dead letters.
BY_THE_PLATFORM: Final = frozenset(
    {
        "dynamodb:DescribeStream",
        "dynamodb:GetRecords",
        "dynamodb:GetShardIterator",
        "dynamodb:ListStreams",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "sqs:GetQueueAttributes",  # the CDK grants both wherever it grants to send
        "sqs:GetQueueUrl",
        "sqs:SendMessage",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
    }
)
# What is needed in states that the exercise does not bring about each time.
SELDOM: Final = frozenset(
    {
        ("byok-ledger", "dynamodb:BatchWriteItem", "usage"),  # attempts whose rows were in the sums already
        ("chat", "dynamodb:BatchWriteItem", "usage"),  # a refused attempt is taken back, where that is quick enough
        ("pricing", "dynamodb:DeleteItem", "catalogue"),  # what is held takes more than 100 KB, and changes
        ("pricing-refresh", "dynamodb:DeleteItem", "catalogue"),
    }
)


@dataclass
class Compared:
    """What was asked for without a grant, by function, and the grants that nothing asked for."""

    missing: set[tuple[str, str, str]] = field(default_factory=set)
    unused: list[Grant] = field(default_factory=list)
    asked: int = 0


def compared(grants: Sequence[Grant], asked: Mapping[str, Set[Permission]], names: Mapping[str, str]) -> Compared:
    """Compare grants with what each function asked for; `names` are our names of resources by theirs."""
    found, used = Compared(), set[Grant]()
    for function, permissions in asked.items():
        own = [grant for grant in grants if grant.function == function]
        for permission in permissions:
            resource = our_name(permission.resource, names)
            covering = [grant for grant in own if grant.covers(permission, resource)]
            used.update(covering)
            found.asked += 1
            if not covering:
                found.missing.add((function, permission.action, resource))
    found.unused = [
        grant
        for grant in grants
        if grant not in used
        and not _is_asked_unseen(grant, asked)
        and (grant.function, grant.action, grant.resource) not in SELDOM
    ]
    return found


def our_name(resource: str, names: Mapping[str, str]) -> str:
    """Return our name of a resource; a secret of a tenant is known by how its name begins."""
    if resource in names:
        return names[resource]
    return next((ours for theirs, ours in names.items() if resource.startswith(f"{theirs}/")), resource)


def _is_asked_unseen(grant: Grant, asked: Mapping[str, Set[Permission]]) -> bool:
    """Return whether AWS asks it: by itself, or of the key on behalf of a function that uses the service."""
    if grant.action in BY_THE_PLATFORM:
        return True
    services = {permission.action.partition(":")[0] for permission in asked.get(grant.function, set())}
    through = " ".join(value for _, key, values in grant.conditions if key == "kms:ViaService" for value in values)
    return grant.is_through_a_service and any(service in through for service in services)


def report(found: Compared, vault: str) -> Iterator[str]:
    """Return the lines that say what was found."""
    for function, action, resource in sorted(found.missing):
        yield f"MISSING {function}: {action} on {resource}"
    unused: dict[str, list[str]] = defaultdict(list)
    for grant in found.unused:
        unused[grant.function].append(f"{grant.action} on {grant.resource}")
    for function, grants in sorted(unused.items()):
        yield from (f"UNUSED {function}: {each}" for each in sorted(set(grants)))
    yield f"{vault}: {found.asked} permissions used, {len(found.missing)} missing, {len(found.unused)} unused"
