"""The licences that may be deployed: permissive ones, and MPL-2.0, which binds changes of its own files alone."""

from typing import Any, Final

from boolean.boolean import AND, OR
from license_expression import ExpressionError, LicenseWithExceptionSymbol, get_spdx_licensing

ALLOWED: Final = frozenset(
    {
        "0BSD",
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "BSL-1.0",
        "CC0-1.0",
        "CDLA-Permissive-2.0",
        "ISC",
        "MIT",
        "MIT-0",
        "MPL-2.0",
        "PSF-2.0",
        "Python-2.0",
        "Unicode-3.0",
        "Unicode-DFS-2016",
        "Unlicense",
        "Zlib",
    }
)

_SPDX: Final = get_spdx_licensing()


def is_allowed(expression: str) -> bool:
    """Return whether an SPDX expression leaves a choice in which every licence is allowed.

    An exception only ever allows more. What cannot be read, or names nothing, is not allowed.
    """
    try:
        parsed = _SPDX.parse(expression)
    except ExpressionError:
        return False
    return parsed is not None and _holds(parsed)


def _holds(parsed: Any) -> bool:
    match parsed:
        case AND():
            return all(_holds(each) for each in parsed.args)
        case OR():
            return any(_holds(each) for each in parsed.args)
        case LicenseWithExceptionSymbol():
            return parsed.license_symbol.key in ALLOWED
        case _:
            return getattr(parsed, "key", None) in ALLOWED
