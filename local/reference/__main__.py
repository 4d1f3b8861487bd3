"""`make reference`: write the OpenAPI document of the whole service."""

import json
import sys
from pathlib import Path
from typing import Final

from local.reference.service_document import service_document

WRITTEN: Final = Path("build/reference")


def main() -> None:
    """Write `openapi.json` into the folder that is named, else into `build/reference`."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else WRITTEN
    folder.mkdir(parents=True, exist_ok=True)
    document = service_document()
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    (folder / "openapi.json").write_text(text, "utf-8")
    operations = sum(len(verbs) for verbs in document["paths"].values())
    print(f"{folder / 'openapi.json'}: {operations} operations at {len(document['paths'])} paths")


if __name__ == "__main__":
    main()
