"""Where each table comes from and where it goes, as one page from dbt's manifest."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

from quality.html import page, write_page

_LAYERS = {
    "source": "Bronze (o que chega das fontes)",
    "seed": "Tabelas de referência",
    "staging": "Preparação",
    "snapshots": "História dos cadastros",
    "intermediate": "Regras de negócio",
    "marts": "Publicado",
    "exposure": "Páginas do relatório",
}


def write_lineage(manifest: dict[str, Any], folder: Path) -> Path:
    """Write the page: every source, model and report page with its parents and children.

    Args:
        manifest: dbt's `manifest.json`.
        folder: Where the page goes, as `index.html`.
    """
    nodes = {
        name: node
        for part in ("nodes", "sources", "exposures")
        for name, node in manifest[part].items()
        if node["resource_type"] in {"model", "seed", "snapshot", "source", "exposure"}
    }
    sections = []
    for layer, title in _LAYERS.items():
        rows = "".join(
            _row(name, nodes, manifest)
            for name in sorted(nodes, key=lambda name: _shown(nodes[name]))
            if _layer(nodes[name]) == layer
        )
        head = "<tr><th>Tabela</th><th>Vem de</th><th>Vai para</th></tr>"
        sections.append(
            f'<h2>{title}</h2><div class="scroll"><table><thead>{head}</thead><tbody>{rows}</tbody></table></div>'
        )
    introduction = '<p class="muted">De onde vem cada tabela e quem a usa, da fonte à página do relatório.</p>'
    write_page(folder / "index.html", page("Linhagem dos dados", introduction + "".join(sections)))
    return folder / "index.html"


def _layer(node: dict[str, Any]) -> str:
    kind = str(node["resource_type"])
    if kind == "model":
        return str(node["fqn"][1])
    return "snapshots" if kind == "snapshot" else kind


def _shown(node: dict[str, Any]) -> str:
    if node["resource_type"] == "source":
        return f"{node['source_name']}/{node['name']}"
    return str(node["label"] if node["resource_type"] == "exposure" else node["name"])


def _row(name: str, nodes: dict[str, Any], manifest: dict[str, Any]) -> str:
    parents, children = (
        ", ".join(_link(other, nodes[other]) for other in sorted(set(manifest[part].get(name, []))) if other in nodes)
        for part in ("parent_map", "child_map")
    )
    own = f'<code id="{html.escape(name)}">{html.escape(_shown(nodes[name]))}</code>'
    return f"<tr><td>{own}</td><td>{parents or '–'}</td><td>{children or '–'}</td></tr>"


def _link(name: str, node: dict[str, Any]) -> str:
    return f'<a href="#{html.escape(name)}">{html.escape(_shown(node))}</a>'
