"""Which number a series has: an item at a location, numbered item by item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simulator.history import History
from simulator.streams import Ints


@dataclass(frozen=True)
class SeriesIndex:
    """Series = item x locations + location, by the positions of their ids."""

    item_ids: Sequence[str]
    location_ids: Sequence[str]

    @classmethod
    def of_history(cls, history: History) -> SeriesIndex:
        """The series of a generated company."""
        return cls(history.items.ids, history.network.location_ids)

    @property
    def count(self) -> int:
        """How many series there are."""
        return len(self.item_ids) * len(self.location_ids)

    def numbers(self, table: pa.Table) -> Ints:
        """The series of each row of a table with the columns item_id and location_id.

        Raises:
            ValueError: An item or location is not one of this index.
        """
        found = []
        for name, ids in (("item_id", self.item_ids), ("location_id", self.location_ids)):
            position = pc.index_in(table[name], pa.array(ids, pa.string()))
            if position.null_count:
                unknown = table[name].filter(pc.is_null(position))[0].as_py()
                raise ValueError(f"{name} {unknown!r} is not one of this company: the table is another's")
            found.append(position.to_numpy().astype(np.int64))
        numbers: Ints = found[0] * len(self.location_ids) + found[1]
        return numbers
