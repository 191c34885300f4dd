"""The managers' report: a static site built from published gold, and its pages, for lineage."""

import json

import dagster as dg

from orchestration.assets.gold import current
from orchestration.assets.warehouse import mart_keys
from orchestration.manifest import DBT_MANIFEST
from orchestration.quality_pages import write_quality_pages
from orchestration.resources import PlatformResource
from orchestration.site import build_site, built_site
from publication import gold


@dg.asset(
    key=["report", "site"],
    deps=[current],
    group_name="report",
    owners=["team:planning"],
    kinds={"javascript", "html"},
    description="The static site in Portuguese, built from published gold only.",
)
def site(platform: PlatformResource) -> dg.MaterializeResult[None]:
    """Build the site; nothing is built when neither gold nor the pages changed."""
    place = platform.platform()
    pointer = gold.current(platform.gold())
    if pointer is None:
        raise dg.Failure(f"nothing is published in {place.gold_root}; materialize gold/current first")
    version = str(pointer["version"])
    if built_site(place, version) is None:
        write_quality_pages(place)
    folder, is_new = build_site(place, gold.mirror(platform.gold(), place.gold_copy), version)
    return dg.MaterializeResult(
        metadata={
            "folder": dg.MetadataValue.path(str(folder)),
            "version": version,
            "is_new": is_new,
        }
    )


def pages() -> list[dg.AssetSpec]:
    """The pages as dbt's exposures describe them: each comes of the site, and of the marts that its queries read."""
    marts = {key.path[-1]: key for key in mart_keys()}
    exposures = json.loads(DBT_MANIFEST.read_text(encoding="utf-8"))["exposures"].values()
    return [
        dg.AssetSpec(
            ["page", exposure["name"].removeprefix("report_")],
            deps=[site, *(marts[name] for name in _models_read(exposure["depends_on"]["nodes"]) if name in marts)],
            group_name="report_pages",
            kinds={"html"},
            owners=["team:planning"],
            description=f"{exposure['label']}: {exposure['description']}",
            metadata={"url": dg.MetadataValue.url(exposure["url"])} if exposure["url"] else {},
        )
        for exposure in exposures
    ]


def _models_read(nodes: list[str]) -> list[str]:
    return [node.split(".")[2] for node in nodes if node.startswith("model.")]
