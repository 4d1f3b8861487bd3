"""How far the daily check came, in memory."""

from dataclasses import replace

from atom_llm.domain.ledger.checks import CheckProgress


class CheckLogInMemory:
    """Implements `CheckLog`."""

    def __init__(self) -> None:
        self.came: CheckProgress | None = None

    def progress(self) -> CheckProgress | None:
        return self.came

    def put_progress(self, progress: CheckProgress) -> CheckProgress | None:
        if (self.came.revision if self.came is not None else 0) != progress.revision:
            return None
        self.came = replace(progress, revision=progress.revision + 1)
        return self.came
