"""Steps that the parsers of text feeds share: decoding, JSON as text, and text columns.

Every value stays as the source sent it: numbers of a JSON reply are kept in the spelling of the reply.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import pyarrow as pa

from extractors.http import FeedContractError, excerpt, require_data

LOOK_AT_IT = "look at the quarantined payload; if the source changed its layout, extend the parser"


def decode(body: bytes) -> str:
    """Decode UTF-8 with or without a BOM, else latin-1, in which every byte is a letter."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("latin-1")


def json_value(body: bytes, feed: str, window: str, *, name: str = "payload.json") -> Any:
    """Parse a JSON body; its numbers come back as the text that was sent.

    Raises:
        FeedContractError: The body is a refusal or no JSON.
    """
    require_data(body, feed, window, name=name)
    try:
        return json.loads(decode(body), parse_float=str, parse_int=str, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise FeedContractError(
            feed, window, f"no JSON ({error}): {excerpt(body)}", LOOK_AT_IT, payload=body, name=name
        ) from None


def objects_to_table(records: Any, *, feed: str, window: str, body: bytes, name: str = "payload.json") -> pa.Table:
    """Turn a JSON array of flat objects into a table of text columns, one row per object.

    Columns stand in the order of their first appearance; a key that an object lacks is NULL.

    Raises:
        FeedContractError: It is not an array of flat objects with text, number or null values.
    """

    def broken(seen: str) -> FeedContractError:
        return FeedContractError(feed, window, f"{seen}: {excerpt(body)}", LOOK_AT_IT, payload=body, name=name)

    if not isinstance(records, list):
        raise broken(f"a JSON {type(records).__name__} where an array of objects is due")
    names: dict[str, None] = {}
    for number, record in enumerate(records):
        if not isinstance(record, dict) or not record:
            raise broken(f"element {number} is {json.dumps(record)[:40]}, not an object with values")
        if not set(map(type, record.values())) <= {str, type(None)}:
            key = next(key for key, value in record.items() if not isinstance(value, str | None))
            raise broken(f"element {number} has a {type(record[key]).__name__} in {key!r}")
        names.update(dict.fromkeys(record))
    columns = {name: [record.get(name) for record in records] for name in names}
    return text_table(columns, feed=feed, window=window, body=body, name=name)


def text_table(
    columns: Mapping[str, Sequence[str | None]], *, feed: str, window: str, body: bytes, name: str = "payload"
) -> pa.Table:
    """Build a table of text columns.

    Raises:
        FeedContractError: A text holds half a surrogate pair, which no encoding can store.
    """
    try:
        return pa.table({key: pa.array(values, pa.string()) for key, values in columns.items()})
    except (UnicodeEncodeError, pa.ArrowException) as error:
        raise FeedContractError(
            feed, window, f"text that cannot be stored ({error})", LOOK_AT_IT, payload=body, name=name
        ) from None


def plausible_date(text: str | None, pattern: re.Pattern[str]) -> date | None:
    """Return the date in a text whose pattern names the groups year, month and day; None if there is none."""
    match = pattern.fullmatch(text or "")
    if match is None:
        return None
    try:
        day = date(int(match["year"]), int(match["month"]), int(match["day"]))
    except ValueError:
        return None
    return day if 1900 <= day.year <= 2100 else None


def split_by_month(rows: pa.Table, days: Sequence[date]) -> Iterable[tuple[date, pa.Table]]:
    """Cut a table into the months of its rows' days, in the order of the months.

    Args:
        rows: The table.
        days: One day per row.
    """
    places: dict[date, list[int]] = {}
    for place, day in enumerate(days):
        places.setdefault(day.replace(day=1), []).append(place)
    for month in sorted(places):
        yield month, rows.take(pa.array(places[month], pa.int64()))


def _refuse_constant(text: str) -> None:
    raise ValueError(f"{text} is not JSON")
