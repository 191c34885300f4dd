"""The audit's own process: it imports Great Expectations as soon as it starts, then answers requests line by line.

A request is one line of JSON on standard input, its answer one line on standard output; what libraries print goes to
standard error. It ends when its input does, so it never outlives the run that started it.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from pathlib import Path
from typing import Any

from quality import relations
from quality.suites import load_suites

# Great Expectations does without them; loading them took a fifth of its start-up.
_UNUSED = ("boto3", "botocore", "sqlalchemy")


def main() -> None:
    """Answer until the input ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    for name in _UNUSED:
        sys.modules[name] = None  # type: ignore[assignment]  # makes an import fail as if it were not installed
    gc.disable()  # thousands of modules come in at once, none of them garbage
    from quality.validate import Validator  # noqa: PLC0415 - after the preparations above

    gc.enable()
    gc.freeze()
    validator = Validator()
    for line in sys.stdin:
        answers.write(json.dumps(_answer(validator, json.loads(line)), default=str) + "\n")
        answers.flush()


def _answer(validator: Any, request: dict[str, Any]) -> dict[str, Any]:
    if request["do"] == "pages":
        from quality.data_docs import write_data_docs  # noqa: PLC0415 - imports Great Expectations

        return {"pages": [str(path) for path in write_data_docs(validator.results, Path(request["folder"]))]}
    suites = [suite for suite in load_suites() if suite.stage == request["do"]]
    with relations.connect() as connection:
        if request["do"] == "arrives":
            columns = relations.show_bronze(connection, request["lake_root"])
        else:
            columns = relations.show_gold(connection, Path(request["candidate"]), request["published"])
        audit: dict[str, Any] = validator.audit(connection, suites, columns, request["usual"]).to_json()
    return audit


if __name__ == "__main__":
    main()
