"""All sources in one application, told apart by the first part of the path."""

from __future__ import annotations

from starlette.applications import Starlette

from simulator.feeds import anatel, bacen_focus, bacen_ptax, bacen_sgs, inmet, supplier_quotes
from simulator.feeds.world import FeedWorld


def build_app(world: FeedWorld) -> Starlette:
    """The application that answers like INMET, BACEN, ANATEL and the purchasing portal."""
    return Starlette(
        routes=[
            *inmet.routes(world),
            *bacen_sgs.routes(world),
            *bacen_focus.routes(world),
            *bacen_ptax.routes(world),
            *anatel.routes(world),
            *supplier_quotes.routes(world),
        ]
    )
