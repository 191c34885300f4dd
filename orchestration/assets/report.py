"""The managers' report: a static site built from published gold."""

import dagster as dg

from orchestration.assets.gold import current
from orchestration.resources import PlatformResource
from orchestration.site import build_site
from publication import gold


@dg.asset(
    key=["report", "site"],
    deps=[current],
    group_name="report",
    kinds={"javascript", "html"},
    description="The static site in Portuguese, built from published gold only.",
)
def site(platform: PlatformResource) -> dg.MaterializeResult[None]:
    """Build the site; nothing is built when neither gold nor the pages changed."""
    place = platform.platform()
    pointer = gold.current(platform.gold())
    if pointer is None:
        raise dg.Failure(f"nothing is published in {place.gold_root}; materialize gold/current first")
    folder, is_new = build_site(place, place.gold_root, str(pointer["version"]))
    return dg.MaterializeResult(
        metadata={
            "folder": dg.MetadataValue.path(str(folder)),
            "version": str(pointer["version"]),
            "is_new": is_new,
        }
    )
