#!/bin/sh
# Print the path of a Python 3.13: the one on PATH, else one of pyenv's, else what uv knows. Nothing found: say so and fail.

is_python_313() {
    # Run it: pyenv puts a `python3.13` on PATH that only fails when that version is not the chosen one.
    "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info[:2] != (3, 13))' >/dev/null 2>&1
}

for name in python3.13 python3 python; do
    found=$(command -v "$name" 2>/dev/null) || continue
    # Not the name itself: behind a shim or in an activated environment it means something else tomorrow.
    is_python_313 "$found" && { "$found" -c 'import sys; print(sys._base_executable)'; exit 0; }
done

for found in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.13*/bin/python3.13; do
    is_python_313 "$found" && { echo "$found"; exit 0; }
done

if command -v uv >/dev/null 2>&1; then
    found=$(uv python find 3.13 2>/dev/null) && is_python_313 "$found" && { echo "$found"; exit 0; }
fi

echo "Python 3.13 with its venv module is needed: none on PATH, among pyenv's versions, or known to uv." >&2
exit 1
