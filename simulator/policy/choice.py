"""Which knob of the cost-based policy is chosen, on the validation year alone."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from simulator.policy.experiment import COVERS, NO_POLICY, VALIDATION, pool

HEADLINE = "cost_based"
INVENTORY_CHANGE = -0.15  # the chosen knob holds at least so much less than the buyer without a policy


def choose_knob(scores: pa.Table, scenario: str = "base") -> float:
    """The knob with the fewest stocked-out lines among those with clearly less inventory than no policy.

    When no knob has so little inventory, the one with the least is chosen.

    Args:
        scores: `score.SCHEMA`; only the validation year is looked at.
        scenario: Whose scores choose: the companies without stress by default.

    Raises:
        ValueError: The headline policy or the buyer without a policy was not replayed.
    """
    seen = scores.filter(pc.and_(pc.equal(scores["window_name"], VALIDATION), pc.equal(scores["scenario"], scenario)))
    by_setting = {(row["policy"], row["knob"]): row for row in pool(seen, ["policy", "knob"]).to_pylist()}
    baseline = by_setting.get((NO_POLICY, float(COVERS[0][0])))
    knobs = {knob: row for (policy, knob), row in by_setting.items() if policy == HEADLINE}
    if baseline is None or not knobs:
        raise ValueError(f"nothing to choose from: {HEADLINE} and {NO_POLICY} must both be replayed")
    most = (1 + INVENTORY_CHANGE) * baseline["mean_inventory_brl"]
    lean = {knob: row for knob, row in knobs.items() if row["mean_inventory_brl"] <= most}
    if not lean:
        chosen = min(knobs, key=lambda knob: knobs[knob]["mean_inventory_brl"])
    else:
        chosen = min(lean, key=lambda knob: (lean[knob]["stocked_out_lines_count"], lean[knob]["mean_inventory_brl"]))
    return float(chosen)


def mark_chosen(scores: pa.Table, knob: float) -> pa.Table:
    """Scores with a column that says which rows are the headline policy at the chosen knob."""
    chosen = pc.and_(pc.equal(scores["policy"], HEADLINE), pc.equal(scores["knob"], knob))
    return scores.append_column("is_chosen", chosen)
