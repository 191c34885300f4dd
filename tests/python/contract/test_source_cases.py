"""What the sources are known to do wrong, each with the test that holds us to surviving it.

The table is the map from a case to its proof; it fails when a named test, or the part of it that shows the case,
vanishes. The tests themselves run with all others.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import yaml

CHECKOUT = Path(__file__).resolve().parents[3]
UNIT, WIRE, CONTRACT = "tests/python/unit", "tests/python/integration", "tests/python/contract"
STAGING, RULES = "models/staging", "models/intermediate"
SPELLINGS = "tests/dbt/assert_macros_parsing__read_what_the_sources_send.sql"

# case -> (file, test; empty for a singular dbt test, text that the test must hold)
CASES: dict[str, tuple[str, str, str]] = {
    # The body is judged
    "html page": (f"{UNIT}/test_http.py", "test_the_body_is_judged_by_how_it_begins", "<!DOCTYPE html>"),
    "object that begins with error": (f"{UNIT}/test_http.py", "test_the_body_is_judged_by_how_it_begins", '{"error"'),
    "object that begins with erro": (f"{UNIT}/test_http.py", "test_the_body_is_judged_by_how_it_begins", '"erro"'),
    "CHAVE INVÁLIDA! in UTF-8": (f"{UNIT}/test_http.py", "test_the_body_is_judged_by_how_it_begins", "CHAVE INVÁLIDA!"),
    "CHAVE INVÁLIDA! in latin-1": (f"{UNIT}/test_http.py", "test_the_body_is_judged_by_how_it_begins", '"latin-1"'),
    "git-lfs pointer": (f"{UNIT}/test_http.py", "test_the_body_is_judged_by_how_it_begins", "git-lfs"),
    "git-lfs pointer for a station's year": (f"{UNIT}/test_inmet.py", "test_known_refusals_are_never_rows", "git-lfs"),
    "git-lfs pointer for an export": (
        f"{UNIT}/test_anatel.py",
        "test_anything_else_is_refused_with_what_was_seen",
        "git-lfs",
    ),
    "empty body": (f"{UNIT}/test_http.py", "test_the_body_is_judged_by_how_it_begins", "an empty body"),
    "good data called html, html called json": (
        f"{WIRE}/test_http_loopback.py",
        "test_the_body_counts_and_not_what_its_content_type_claims",
        "text/html",
    ),
    "expected keys": (f"{UNIT}/test_inmet.py", "test_malformed_observations_are_refused_with_what_was_seen", "RAIN"),
    "implausible row count: none": (f"{UNIT}/test_inmet.py", "test_an_empty_catalogue_is_refused", "no station"),
    "implausible row count: a full page": (f"{UNIT}/test_bacen.py", "test_malformed_bulletins_are_refused", "is full"),
    "implausible row count: all rows gone": (
        f"{WIRE}/test_erp_postgresql.py",
        "test_a_table_that_lost_all_its_rows_is_refused",
        "",
    ),
    # Encodings
    "UTF-8 with BOM, UTF-8, latin-1": (
        f"{UNIT}/test_inmet.py",
        "test_a_change_of_encoding_changes_nothing_but_the_bytes",
        "utf-8-sig",
    ),
    "8-bit byte late in a large file": (
        f"{UNIT}/test_anatel.py",
        "test_an_encoding_that_breaks_late_in_the_file_is_seen",
        "latin-1",
    ),
    "8-bit CSV of a buyer": (f"{UNIT}/test_uploads.py", "test_csv_is_read_in_every_delimiter_and_encoding", "latin-1"),
    # Numbers and words
    "0.8 written ,8": (SPELLINGS, "", "',8'"),
    "1014 and 1012,9 in one column": (SPELLINGS, "", "'1012,9'"),
    "1.0 is one, not ten": (SPELLINGS, "", "1.0 is one, not ten"),
    "1.0 accesses are one": (
        f"{STAGING}/anatel/_anatel__unit_tests.yml",
        "stg_anatel__mobile_accesses__reads_each_year_as_it_writes",
        "1.0",
    ),
    "-2,197,972,221 is damage": (SPELLINGS, "", "damage is told from a missing value"),
    "-2,197,972,221 as weather": (
        f"{STAGING}/inmet/_inmet__unit_tests.yml",
        "stg_inmet__observations__keeps_what_a_shorter_file_no_longer_holds",
        "-2,197,972,221",
    ),
    "-9999 until 2018": (SPELLINGS, "", "'-9999'"),
    "NA": (SPELLINGS, "", """known_text("'NA'")"""),
    "null": (SPELLINGS, "", """known_text("'null'")"""),
    "#N/A": (SPELLINGS, "", """known_text("'#N/A'")"""),
    "NÃO IDENTIFICADA": (SPELLINGS, "", """known_text("'NÃO IDENTIFICADA'")"""),
    "/////": (SPELLINGS, "", """known_text("'/////'")"""),
    "sim, não and blank in one field": (
        f"{STAGING}/anatel/_anatel__unit_tests.yml",
        "stg_anatel__smp_stations__takes_the_newest_file_that_covers_a_municipality",
        "is_shared_site: null",
    ),
    "dd/mm/yyyy and ISO in one file, landed": (
        f"{UNIT}/test_anatel.py",
        "test_both_kinds_of_dates_in_one_file_are_read_and_stay_as_sent",
        "11/03/2024",
    ),
    "dd/mm/yyyy and ISO in one file, staged": (
        f"{STAGING}/anatel/_anatel__unit_tests.yml",
        "stg_anatel__smp_stations__takes_the_newest_file_that_covers_a_municipality",
        "24/10/2023",
    ),
    "Excel serial dates": (
        f"{STAGING}/uploads/_uploads__unit_tests.yml",
        "stg_uploads__purchase_lines__reads_what_buyers_type",
        "45352",
    ),
    "Excel serial dates that count from 1904": (
        f"{UNIT}/test_uploads.py",
        "test_serial_dates_of_a_macintosh_workbook_mean_the_same_days",
        "1462",
    ),
    "masked CNPJ": (f"{STAGING}/erp/_erp__unit_tests.yml", "stg_erp__suppliers__reads_a_masked_cnpj", "/0001-90"),
    "masked CNPJ beside a bare one": (
        f"{STAGING}/anatel/_anatel__unit_tests.yml",
        "stg_anatel__mobile_accesses__reads_each_year_as_it_writes",
        "00.000.000/0002-02",
    ),
    "lower-case UF, landed": (
        f"{UNIT}/test_anatel_accesses.py",
        "test_rows_are_told_apart_by_state_and_month_and_values_stay_as_sent",
        'state="ba"',
    ),
    "lower-case UF, staged": (
        f"{STAGING}/anatel/_anatel__unit_tests.yml",
        "stg_anatel__mobile_accesses__reads_each_year_as_it_writes",
        "'ba'",
    ),
    "names of municipalities shared by states": (
        f"{RULES}/telecom/_int_telecom__unit_tests.yml",
        "int_telecom__sum_accesses_monthly__adds_persons_and_products_and_never_joins_by_name",
        "Bom Jesus",
    ),
    "the 232 shared names are 232": (
        f"{CONTRACT}/test_lake_real_files.py",
        "test_municipalities_of_the_ibge_have_the_codes_that_six_digits_lead_to_and_share_names",
        "232",
    ),
    # Three states of a value
    "row absent, row null, true zero": (
        f"{WIRE}/test_weather_and_economy_feeds.py",
        "test_a_row_absent_a_row_without_values_and_a_zero_stay_three_things",
        "absent",
    ),
    "blank radiation at night is no outage": (
        f"{RULES}/weather/_int_weather__unit_tests.yml",
        "int_weather__aggregate_daily__a_dead_sensor_leaves_the_others_alone",
        "NIGHT",
    ),
    "a station's whole year may be empty": (
        f"{UNIT}/test_inmet.py",
        "test_a_year_without_a_single_value_is_rows_and_not_an_outage_of_the_feed",
        "silent",
    ),
    "one sensor dead while rain is fine": (
        f"{RULES}/weather/_int_weather__unit_tests.yml",
        "int_weather__aggregate_daily__a_dead_sensor_leaves_the_others_alone",
        "RAIN",
    ),
    # Vintages
    "bytes as sent and the time of the fetch": (
        f"{UNIT}/test_lake.py",
        "test_a_landing_writes_one_file_per_month_with_the_source_columns_and_ours",
        "_extracted_at",
    ),
    "upsert by station and hour": (
        f"{STAGING}/inmet/_inmet__unit_tests.yml",
        "stg_inmet__observations__reads_archive_and_api_alike",
        "newer reading of an hour wins",
    ),
    "a shorter file deletes nothing: weather": (
        f"{STAGING}/inmet/_inmet__unit_tests.yml",
        "stg_inmet__observations__keeps_what_a_shorter_file_no_longer_holds",
        "",
    ),
    "a shorter file deletes nothing: series": (
        f"{STAGING}/bacen/_bacen__unit_tests.yml",
        "stg_bacen__sgs_observations__a_shorter_reading_deletes_nothing",
        "",
    ),
    "a shrunken month": (
        f"{UNIT}/test_anatel_accesses.py",
        "test_a_shrunken_month_is_a_new_vintage_and_a_missing_month_leaves_the_old_one",
        "",
    ),
    # Asking
    "windows of a year": (f"{UNIT}/test_inmet.py", "test_windows_cover_every_day_once_and_are_at_most_a_year", "365"),
    "windows of ten years": (
        f"{UNIT}/test_bacen.py",
        "test_sgs_windows_cover_every_day_once_and_are_at_most_ten_years",
        "years_before",
    ),
    "429, 5xx, timeouts and cuts are retried": (
        f"{WIRE}/test_http_loopback.py",
        "test_passing_trouble_is_retried_with_growing_pauses",
        "429",
    ),
    "nothing else is retried": (
        f"{WIRE}/test_http_loopback.py",
        "test_other_answers_are_returned_at_once_for_the_parser_to_judge",
        "406",
    ),
    "Retry-After": (f"{WIRE}/test_http_loopback.py", "test_retry_after_is_honoured", "17"),
    "a contract error is not asked for again": (
        f"{WIRE}/test_lake_landing.py",
        "test_an_html_page_with_200_in_the_middle_leaves_the_lake_as_it_was",
        "is not asked for again",
    ),
    "a contract error ends its step": (
        f"{UNIT}/test_orchestration.py",
        "test_what_never_heals_is_not_tried_again",
        "FeedContractError",
    ),
    "larger than memory: rows of the ERP": (
        f"{WIRE}/test_erp_postgresql.py",
        "test_a_large_table_streams_through",
        "200000",
    ),
    "larger than memory: CSV": (
        f"{UNIT}/test_bench_feeds.py",
        "test_the_look_alike_of_the_register_lands_whole_in_a_process_of_its_own",
        "peak_mb",
    ),
    "larger than memory: a member of an archive": (
        f"{WIRE}/test_anatel_http.py",
        "test_a_member_is_read_without_the_rest_of_the_archive",
        "",
    ),
    # INMET
    "station code with a space before it": (
        f"{UNIT}/test_inmet.py",
        "test_an_archive_may_nest_folders_and_name_its_files_oddly",
        '" 04"',
    ),
    "station code with a space, staged": (
        f"{STAGING}/inmet/_inmet__unit_tests.yml",
        "stg_inmet__observations__keeps_what_a_shorter_file_no_longer_holds",
        "' a401'",
    ),
    "coordinates that move, landed": (
        f"{UNIT}/test_inmet.py",
        "test_coordinates_that_move_between_years_are_kept_as_each_file_has_them",
        "",
    ),
    "coordinates that move, used": (
        f"{RULES}/weather/_int_weather__unit_tests.yml",
        "int_weather__choose_stations__goes_by_where_a_station_stands_now",
        "MOVED",
    ),
    "a year file that ends in August": (
        f"{UNIT}/test_inmet.py",
        "test_the_api_is_asked_for_what_the_archive_did_not_bring",
        "August",
    ),
    "directory entries in a ZIP": (
        f"{UNIT}/test_inmet.py",
        "test_an_archive_may_nest_folders_and_name_its_files_oddly",
        '"2019/", b""',
    ),
    "file names with spaces and parentheses": (
        f"{UNIT}/test_inmet.py",
        "test_an_archive_may_nest_folders_and_name_its_files_oddly",
        "INMET (1).CSV",
    ),
    "three generations of the archive": (
        f"{UNIT}/test_inmet.py",
        "test_each_archive_generation_keeps_its_values_as_sent",
        "archive_to_2018",
    ),
    "204 with an empty body": (
        f"{WIRE}/test_weather_and_economy_feeds.py",
        "test_a_station_that_answers_204_is_reported_and_fails_nothing",
        "",
    ),
    "403, E_ROUTE_NOT_FOUND, 400 and 204": (
        f"{WIRE}/test_simulator_feeds.py",
        "test_inmet_refuses_as_the_real_host_does",
        "E_ROUTE_NOT_FOUND",
    ),
    "a browser is asked for": (f"{WIRE}/test_http_loopback.py", "test_the_client_looks_like_a_browser", "Mozilla"),
    "a refused token with 200": (
        f"{WIRE}/test_weather_and_economy_feeds.py",
        "test_a_wrong_token_is_refused_with_200_and_nowhere_to_be_read",
        "",
    ),
    "the token in the path is masked": (
        f"{WIRE}/test_lake_landing.py",
        "test_the_token_is_nowhere_in_the_lake",
        "***",
    ),
    "values are text or null": (f"{WIRE}/test_simulator_feeds.py", "test_inmet_gives_hours_as_text_or_null", "None"),
    "00 to 02 UTC belong to the day before": (
        f"{STAGING}/inmet/_inmet__unit_tests.yml",
        "stg_inmet__observations__reads_archive_and_api_alike",
        "04:00:00+00",
    ),
    "45 days still change": (
        f"{UNIT}/test_inmet.py",
        "test_reading_starts_at_a_month_because_a_vintage_replaces_its_month",
        "45 days back",
    ),
    # BACEN
    "more than ten years: 406": (f"{WIRE}/test_simulator_feeds.py", "test_sgs_errors_have_the_real_bodies", "406"),
    "the exact anniversary still works": (
        f"{WIRE}/test_simulator_feeds.py",
        "test_sgs_errors_have_the_real_bodies",
        "05/01/2026",
    ),
    "value not found, with 404 or 200": (
        f"{UNIT}/test_bacen.py",
        "test_value_not_found_means_no_data_in_that_window",
        "",
    ),
    "more than 20 latest values: 400": (
        f"{WIRE}/test_simulator_feeds.py",
        "test_sgs_errors_have_the_real_bodies",
        "ultimos/21",
    ),
    "Requisição inválida! as html with 200": (
        f"{WIRE}/test_weather_and_economy_feeds.py",
        "test_an_html_page_with_200_is_refused_and_not_retried",
        "200",
    ),
    "silent revisions are vintages": (
        f"{WIRE}/test_weather_and_economy_feeds.py",
        "test_a_revised_value_becomes_a_vintage_beside_the_old_one",
        "0.45",
    ),
    "as known on a day": (
        f"{STAGING}/bacen/_bacen__unit_tests.yml",
        "stg_bacen__sgs_observations_vintages__tell_what_was_known_on_a_day",
        "known_to",
    ),
    "monthly series are read whole again": (
        f"{UNIT}/test_bacen.py",
        "test_monthly_series_are_read_whole_and_daily_ones_from_the_look_back",
        "whole=True",
    ),
    "432 has days that lie ahead": (
        f"{STAGING}/bacen/_bacen__unit_tests.yml",
        "stg_bacen__sgs_observations__a_shorter_reading_deletes_nothing",
        "is_future: true",
    ),
    "10813 is not asked for before the real": (
        f"{WIRE}/test_weather_and_economy_feeds.py",
        "test_every_series_of_the_registry_lands_within_its_windows",
        "sgs.10813",
    ),
    "values from before the real are cut": (
        f"{RULES}/economy/_int_economy__unit_tests.yml",
        "int_economy__track_vintages__keeps_what_was_known_before_a_revision",
        "1994-07-01",
    ),
    "datafim of some series": (
        f"{UNIT}/test_bacen.py",
        "test_a_number_and_a_null_in_json_are_text_and_null",
        "datafim",
    ),
    "CSV with a decimal comma": (f"{UNIT}/test_bacen.py", "test_the_csv_keeps_its_decimal_comma", "0,31"),
    "the last intermediate is not the close": (
        f"{RULES}/economy/_int_economy__unit_tests.yml",
        "int_economy__track_vintages__keeps_what_was_known_before_a_revision",
        "Intermediário",
    ),
    "two to six digits of a second": (
        f"{STAGING}/bacen/_bacen__unit_tests.yml",
        "stg_bacen__ptax_quotes__reads_two_to_six_digits_of_a_second",
        "13:03:38.306475",
    ),
    "no bulletin on a weekend": (f"{UNIT}/test_bacen.py", "test_a_weekend_has_no_bulletins", '"value":[]'),
    "a plus is no space": (f"{WIRE}/test_simulator_feeds.py", "test_a_plus_is_no_space_for_focus_and_ptax", '"+": 400'),
    "two bases of an expectation": (
        f"{UNIT}/test_bacen.py",
        "test_the_two_bases_of_an_expectation_are_two_rows_and_a_key_never_comes_twice",
        "baseCalculo",
    ),
    "pages of expectations": (
        f"{WIRE}/test_weather_and_economy_feeds.py",
        "test_expectations_are_paged_and_their_keys_are_unique",
        "FOCUS_PAGE_ROWS",
    ),
    # ANATEL
    "members of other shapes": (
        f"{UNIT}/test_anatel_accesses.py",
        "test_members_are_chosen_by_name_newest_first_and_other_shapes_are_left_alone",
        "Densidade",
    ),
    "a row per carrier, not per site": (
        f"{RULES}/telecom/_int_telecom__unit_tests.yml",
        "int_telecom__count_stations_monthly__counts_a_station_once_per_generation",
        "",
    ),
    "bars in newer exports, commas in older ones": (
        f"{UNIT}/test_anatel.py",
        "test_a_utf_8_export_with_bars_and_brazilian_dates_reads_the_same",
        "pipe",
    ),
    "municipality codes of 6 and 7 digits": (SPELLINGS, "", "six digits: Salvador"),
    "names with a suffix of the state": (
        f"{STAGING}/anatel/_anatel__unit_tests.yml",
        "stg_anatel__mobile_accesses__reads_each_year_as_it_writes",
        "Salvador - BA",
    ),
    "spellings of an operator": (SPELLINGS, "", "Telefonica Brasil S.a."),
    "real counts of Salvador": (
        f"{WIRE}/test_real_files.py",
        "test_stations_of_salvador_are_the_real_figures",
        "311, 235, 418, 404",
    ),
    # Calendar
    "movable feasts from Easter": (
        f"{UNIT}/test_calendar.py",
        "test_movable_days_are_where_easter_puts_them_in_every_year",
        "",
    ),
    "Salvador's own days": (f"{UNIT}/test_calendar.py", "test_salvadors_own_days_are_municipal_holidays", ""),
    "20 November since 2024": (
        f"{UNIT}/test_calendar.py",
        "test_the_twentieth_of_november_is_national_from_2024",
        "2024",
    ),
    "Carnaval apart": (
        f"{UNIT}/test_calendar.py",
        "test_carnival_monday_and_tuesday_are_flagged_apart_from_holidays",
        "",
    ),
    # ERP
    "negative demand": (
        f"{STAGING}/erp/_erp__unit_tests.yml",
        "stg_erp__requisitions__keeps_returns_and_drops_what_the_erp_deleted",
        "is_return: true",
    ),
    "stock above its maximum": (
        f"{STAGING}/erp/_erp__unit_tests.yml",
        "stg_erp__inventory__keeps_every_shelf_and_flags_stock_above_its_maximum",
        "is_above_maximum: true",
    ),
    "one item in many rows": (
        f"{STAGING}/erp/_erp__unit_tests.yml",
        "stg_erp__inventory__keeps_every_shelf_and_flags_stock_above_its_maximum",
        "location_id: B",
    ),
    "lead times in days, weeks or months of the ERP": (f"{WIRE}/test_erp_mappings.py", "test_protheus", '"S", 42'),
    "lead times in days, weeks or months of an offer": (
        f"{RULES}/supply/_int_supply__unit_tests.yml",
        "int_supply__judge_quotes__uses_only_offers_that_hold_on_the_day_to_plan_for",
        "weeks",
    ),
    "rows marked as deleted": (
        f"{WIRE}/test_erp_postgresql.py",
        "test_rows_that_the_erp_marks_as_deleted_are_deleted",
        "",
    ),
    "old rows without a stamp": (
        f"{WIRE}/test_erp_mappings.py",
        "test_protheus_rows_without_a_stamp_are_followed_through_change_deletion_and_return",
        "",
    ),
    "no change key at all": (
        f"{WIRE}/test_erp_postgresql.py",
        "test_a_table_that_has_no_change_key_is_compared_whole",
        "",
    ),
    # Uploads
    "blank depot": (
        f"{STAGING}/uploads/_uploads__unit_tests.yml",
        "stg_uploads__purchase_lines__reads_what_buyers_type",
        "depot_name: null",
    ),
    "leading zeros of a code": (
        f"{STAGING}/uploads/_uploads__unit_tests.yml",
        "stg_uploads__purchase_lines__reads_what_buyers_type",
        "000123",
    ),
    "M³ and M3": (
        f"{RULES}/uploads/_int_uploads__unit_tests.yml",
        "int_uploads__classify_lines__flags_and_keeps_every_line",
        "M³",
    ),
    "services among goods": (
        f"{RULES}/uploads/_int_uploads__unit_tests.yml",
        "int_uploads__classify_lines__flags_and_keeps_every_line",
        "Serviços de poda",
    ),
    "equal lines are flagged, not dropped": (
        f"{RULES}/uploads/_int_uploads__unit_tests.yml",
        "int_uploads__classify_lines__flags_and_keeps_every_line",
        "duplicate_count: 2",
    ),
    "dates run backwards": (
        f"{RULES}/uploads/_int_uploads__unit_tests.yml",
        "int_uploads__classify_lines__flags_and_keeps_every_line",
        "-941",
    ),
    "sheets of pivots and lookups": (
        f"{UNIT}/test_uploads.py",
        "test_sheet_is_found_by_its_headers_behind_pivots_and_lookups_and_below_a_title",
        "Dinâmica",
    ),
}


def proof(file: str, test: str) -> str:
    """Return the text of a test: a Python function with its parameters, a dbt unit test, or a whole singular test."""
    text = (CHECKOUT / file).read_text(encoding="utf-8")
    if not test:
        return text
    if file.endswith(".yml"):
        for entry in yaml.safe_load(text)["unit_tests"]:
            if entry["name"] == test:
                start = text.index(f"  - name: {test}\n")
                end = text.find("\n  - name: ", start + 1)
                return text[start : end if end > 0 else None]
    else:
        for node in ast.parse(text).body:
            if isinstance(node, ast.FunctionDef) and node.name == test:
                first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
                return "\n".join(text.splitlines()[first - 1 : node.end_lineno])
    raise LookupError(f"{file} has no test {test}")


@pytest.mark.parametrize("case", CASES)
def test_every_case_of_the_sources_is_named_by_a_test(case: str) -> None:
    file, test, shown = CASES[case]
    assert shown in proof(file, test), f"{file}::{test} no longer shows {shown!r}"
