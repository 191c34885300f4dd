"""The page Qualidade: its figures are gold's, and what it shows of bad rows is text and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from .site import Site

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def page(site: Site, chromium: None) -> dict[str, Any]:
    (seen,) = site.inspect("/qualidade/")
    return seen


def test_headline_is_what_the_audit_wrote_into_gold(site: Site, page: dict[str, Any]) -> None:
    ((score,),) = site.ask(
        "select round(100 * sum(passed_weight) / sum(judged_weight), 2) from {quality_scores} "
        "where audited_at = (select max(audited_at) from {quality_scores})"
    )
    ((failed,),) = site.ask("select count(*) from {quality_expectations} where status = 'failed' and stage <> 'built'")
    ((exceptions,),) = site.ask("select count(*) from {rpt_exceptions}")
    figures = page["figures"]
    assert float(figures["score_pct"]["value"]) == pytest.approx(float(score))
    assert int(figures["failed_count"]["value"]) == failed
    assert int(figures["exception_count"]["value"]) == exceptions
    assert page["consoleErrors"] == page["blockedRequests"] == []


def test_every_failure_stands_with_its_table_and_cause(site: Site, page: dict[str, Any]) -> None:
    failures = site.ask(
        "select table_name, claim_text, cause_text from {quality_expectations} where status = 'failed' limit 10"
    )
    for words in (word for failure in failures for word in failure if word):
        assert words in page["text"]
    assert bool(failures) != ("Tudo o que foi julgado passou." in page["text"])


class TestLookAlikeGold:
    """What real data rarely have."""

    def test_rows_that_broke_a_rule_are_shown_as_text(self, sample_site: Site, chromium: None) -> None:
        (page,) = sample_site.inspect("/qualidade/")
        assert "<script>alert(1)</script>" in page["text"]
        assert "Mudou de <b>B</b> para A." in page["text"]
        assert page["consoleErrors"] == []

    def test_score_is_written_the_brazilian_way_with_its_target(self, sample_site: Site, chromium: None) -> None:
        (page,) = sample_site.inspect("/qualidade/")
        # 26 of 27: one warning of dim_items failed
        assert page["figures"]["score_pct"]["text"].replace("\u00a0", " ") == "96,3 %"
        assert "a meta é 95 %" in page["text"].replace("\u00a0", " ")
