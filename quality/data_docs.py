"""Great Expectations' Data Docs as files that stand alone: without what its pages would fetch from elsewhere."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from pathlib import Path

from great_expectations.core import ExpectationSuiteValidationResult
from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer
from great_expectations.render.view.view import DefaultJinjaPageView

from quality.html import STYLE, page, write_page
from quality.suites import Stage, load_suites

_STAGES: dict[str, str] = {"arrives": "o que chega", "leaves": "o que sai"}
# Scripts, style sheets, logos and links of other hosts, and the links of the page to a site that is not built.
_FOREIGN = re.compile(
    r"<script\b.*?</script>|<link\b[^>]*>|<style\b.*?</style>|<img\b[^>]*>"
    r"|<nav class=\"navbar navbar-expand.*?</nav>\s*</div>\s*</nav>",
    flags=re.DOTALL,
)
_DEAD_LINK = re.compile(r"<a href=\"(?:https?:|\.\./)[^\"]*\"[^>]*>(.*?)</a>", flags=re.DOTALL)


def write_data_docs(
    results: Mapping[tuple[Stage, str], list[ExpectationSuiteValidationResult]], folder: Path
) -> list[Path]:
    """Write one page per suite and an index.

    Args:
        results: Stage and subject to what was found of each frame.
        folder: Where the pages go; pages of suites that were not judged now stay as they are.

    Returns:
        The pages written.
    """
    titles = {(suite.stage, suite.subject): f"{suite.title}: {_STAGES[suite.stage]}" for suite in load_suites()}
    written = []
    for key, frames in results.items():
        file = folder / f"{key[1]}-{key[0]}.html"
        write_page(file, _standing_alone(_rendered(frames), titles[key]))
        written.append(file)
    listed = "".join(
        f'<li><a href="{subject}-{stage}.html">{html.escape(title)}</a></li>'
        for (stage, subject), title in titles.items()
        if (folder / f"{subject}-{stage}.html").exists()
    )
    write_page(
        folder / "index.html",
        page(
            "Data Docs",
            '<p class="muted">O que o Great Expectations verificou na última auditoria, tabela por tabela.</p>'
            f"<ul>{listed}</ul>",
        ),
    )
    return [*written, folder / "index.html"]


def _rendered(frames: list[ExpectationSuiteValidationResult]) -> str:
    """All frames of a suite on one page of Great Expectations."""
    first = frames[0]
    together = ExpectationSuiteValidationResult(
        success=all(frame.success for frame in frames),
        results=[result for frame in frames for result in frame.results],
        suite_name=first.suite_name,
        statistics=_added([frame.statistics for frame in frames]),
        meta=first.meta,
    )
    rendered: str = DefaultJinjaPageView().render(  # type: ignore[no-untyped-call]
        ValidationResultsPageRenderer().render(together)
    )
    return rendered


def _added(statistics: list[dict[str, float]]) -> dict[str, float]:
    counts = ("evaluated_expectations", "successful_expectations", "unsuccessful_expectations")
    added = {name: sum(of_frame[name] for of_frame in statistics) for name in counts}
    evaluated = added["evaluated_expectations"]
    return {**added, "success_percent": 100 * added["successful_expectations"] / evaluated if evaluated else 0.0}


def _standing_alone(rendered: str, title: str) -> str:
    body = _DEAD_LINK.sub(r"\1", _FOREIGN.sub("", rendered))
    head = f"<title>{html.escape(title)}</title>{STYLE}"
    body = re.sub(r"<title>.*?</title>", "", body, flags=re.DOTALL).replace("</head>", f"{head}</head>", 1)
    opening = f'<body><p><a href="index.html">← Data Docs</a></p><h1>{html.escape(title)}</h1>'
    return body.replace("<body>", opening, 1).replace("<html>", '<html lang="en">', 1)
