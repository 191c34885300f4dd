"""The frame of the static pages of this package: one file each, nothing fetched."""

from __future__ import annotations

import html
from pathlib import Path

STYLE = f"<style>{(Path(__file__).parent / 'pages.css').read_text(encoding='utf-8')}</style>"


def page(title: str, body: str, back: tuple[str, str] | None = None) -> str:
    """A page in Portuguese.

    Args:
        title: Its heading, as plain text.
        body: Its content, as HTML.
        back: Address and name of the page above.
    """
    above = f'<p><a href="{html.escape(back[0])}">← {html.escape(back[1])}</a></p>' if back else ""
    heading = html.escape(title)
    return (
        '<!doctype html>\n<html lang="pt-BR"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{heading}</title>{STYLE}</head><body>{above}<h1>{heading}</h1>{body}</body></html>\n"
    )


def write_page(file: Path, content: str) -> None:
    """Make a page appear whole."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".tmp")
    draft.write_text(content, encoding="utf-8")
    draft.replace(file)
