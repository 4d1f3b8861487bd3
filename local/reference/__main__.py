"""`make reference`: write the OpenAPI document of the whole service, and the page that shows it."""

import json
from pathlib import Path
from typing import Final

from local.reference.service_document import service_document

WRITTEN: Final = Path("build/reference")


def main() -> None:
    """Write `build/reference/openapi.json`."""
    WRITTEN.mkdir(parents=True, exist_ok=True)
    document = service_document()
    (WRITTEN / "openapi.json").write_text(json.dumps(document, ensure_ascii=False, separators=(",", ":")), "utf-8")
    operations = sum(len(verbs) for verbs in document["paths"].values())
    print(f"{WRITTEN / 'openapi.json'}: {operations} operations at {len(document['paths'])} paths")


if __name__ == "__main__":
    main()
