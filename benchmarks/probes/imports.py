"""Import modules into a bare interpreter; a script that may itself import nothing that a measured module could need."""

import sys
import time


def _resident_peak_mb() -> float:
    """Return `benchmarks.timing.peak_mb`, read with built-in modules only where /proc is at hand."""
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))
    except FileNotFoundError:
        import resource

        unit = 1024 * 1024 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def _main() -> None:
    # The arguments' values are plain strings and lists of them: `eval` spares the import of json, which counts.
    arguments = eval(sys.argv[1], {"__builtins__": {}})  # noqa: S307 - our own command line
    sys.path[:0] = arguments["path"]
    bare_mb, started = _resident_peak_mb(), time.perf_counter()
    for module in arguments["modules"]:
        __import__(module)
    milliseconds = (time.perf_counter() - started) * 1000
    print(f'\n{{"ms": {milliseconds}, "mb": {_resident_peak_mb() - bare_mb}, "bare_mb": {bare_mb}}}')


_main()
