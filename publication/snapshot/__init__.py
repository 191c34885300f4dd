"""The report as one file for e-mail: self-contained HTML, and a PDF where Chromium is installed.

Boundary: figures come from published gold by the report's own queries (`reports/sources/gold`, `reports/queries`), so a
snapshot and the site of the same version cannot disagree. Nothing is computed here but words for numbers.
"""

from publication.snapshot.document import write_snapshot
from publication.snapshot.gold_queries import SnapshotError
from publication.snapshot.pages import DEFAULT_PAGES, PAGES
from publication.snapshot.pdf import NoBrowserError, print_pdf

__all__ = ["DEFAULT_PAGES", "PAGES", "NoBrowserError", "SnapshotError", "print_pdf", "write_snapshot"]
