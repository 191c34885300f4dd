"""The data dictionary: what every table that leaves the house means, from the descriptions in the dbt project."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from orchestration.manifest import DBT_MANIFEST
from orchestration.platform import CHECKOUT, Platform, executable
from quality import history

DICTIONARY = CHECKOUT / "docs" / "data-dictionary.md"
_INTRODUCTION = """# Data dictionary

Every table of published gold: one row's meaning, its columns, their types and units. Written by `make docs` from the
descriptions in the dbt project; change them there. `make docs` also writes `data/docs/index.html`, dbt's own
documentation of all layers with lineage, as one file that opens without a server.
"""


def render_dictionary(manifest: dict[str, Any]) -> str:
    """Markdown for the marts of a dbt manifest (dimensions, facts, reports) and the tables that the audit writes."""
    marts = [
        node for node in manifest["nodes"].values() if node["resource_type"] == "model" and node["fqn"][1] == "marts"
    ]
    prefixes = ("dim_", "fact_", "rpt_")
    marts.sort(key=lambda node: (next(i for i, p in enumerate(prefixes) if node["name"].startswith(p)), node["name"]))
    parts = [_INTRODUCTION.rstrip()]
    for node in marts:
        parts.append(f"\n## {node['name']}\n\n{_one_paragraph(node['description'])}\n")
        parts.append("| Column | Type | Meaning |\n|---|---|---|")
        parts += [
            f"| `{column['name']}` | {column.get('data_type') or ''} | {_cell(column['description'])} |"
            for column in node["columns"].values()
        ]
    for name, (description, columns) in history.DESCRIPTIONS.items():
        types = {"timestamp[us, tz=UTC]": "timestamp with time zone", "bool": "boolean", "string": "varchar"}
        parts.append(f"\n## {name}\n\n{description} Written by the audit, not by dbt.\n")
        parts.append("| Column | Type | Meaning |\n|---|---|---|")
        for column in history.SCHEMAS[name]:
            kind = types.get(str(column.type), "bigint")
            parts.append(f"| `{column.name}` | {kind} | {_cell(columns[column.name])} |")
    return "\n".join(parts) + "\n"


def _one_paragraph(text: str) -> str:
    return " ".join(text.split())


def _cell(text: str) -> str:
    return _one_paragraph(text).replace("|", "\\|")


def write_dictionary() -> Path:
    """Write docs/data-dictionary.md from the manifest."""
    DICTIONARY.write_text(render_dictionary(json.loads(DBT_MANIFEST.read_text())))
    return DICTIONARY


def write_dbt_docs(place: Platform) -> Path:
    """Write dbt's documentation site as one HTML file.

    Raises:
        RuntimeError: If dbt fails; the message is dbt's own.
    """
    target = place.data / "docs" / "dbt"
    done = subprocess.run(
        [executable("dbt"), "docs", "generate", "--static", "--quiet", "--target-path", str(target)],
        cwd=CHECKOUT,
        env={**os.environ, **place.environment()},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"dbt cannot write its documentation:\n{done.stdout}{done.stderr}")
    page = place.data / "docs" / "index.html"
    shutil.copyfile(target / "static_index.html", page)
    return page
