"""Set cover: the fewest of some sets that hold, between them, everything that any of them holds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import sparse

#: Sets times elements up to which the fewest are found for certain, and nodes that the search for them may take.
_LARGEST, _NODES = 200_000, 20_000


def fewest(
    sets: Sequence[frozenset], costs: Sequence[float], *, largest: int = _LARGEST, nodes: int = _NODES
) -> tuple[list[int], bool]:
    """The places of the sets taken, in order, and whether there are certainly no fewer.

    sets          an empty one is never taken
    costs         among choices of equally few sets, the one with the least sum of these is taken
    largest       sets times elements above which the greedy choice is made: the set that adds most, the cheapest of
                  those, and so on; it may take up to ln(n) + 1 times as many as needed (Chvátal 1979,
                  https://doi.org/10.1287/moor.4.3.233)
    nodes         nodes of the search after which it is given up for the greedy choice

    The fewest are found as two integer programmes, number first and costs next, with HiGHS (Huangfu & Hall 2018,
    https://doi.org/10.1007/s12532-017-0130-5).
    """
    elements = {element: row for row, element in enumerate(dict.fromkeys(e for each in sets for e in sorted(each)))}
    if not elements:
        return [], True
    if len(elements) * len(sets) <= largest:
        from scipy import optimize  # only here: it takes a while to import

        places = [(elements[e], place) for place, each in enumerate(sets) for e in each]
        rows, columns = np.array(places).T
        holds = sparse.csr_array((np.ones(len(places)), (rows, columns)), shape=(len(elements), len(sets)))
        all_held = optimize.LinearConstraint(holds, lb=1)
        few = _least(np.ones(len(sets)), [all_held], nodes)
        if few is not None:
            as_few = optimize.LinearConstraint(np.ones((1, len(sets))), lb=-np.inf, ub=few.sum())
            cheapest = _least(np.asarray(costs, dtype=float), [all_held, as_few], nodes)
            taken = few if cheapest is None else cheapest
            return np.flatnonzero(taken).tolist(), True
    return _greedy(sets, costs), False


def _least(costs: np.ndarray, constraints: list, nodes: int) -> np.ndarray | None:
    """The choice of least cost as zeros and ones; null (None) where it was not proved to be least."""
    from scipy import optimize

    found = optimize.milp(
        costs,
        constraints=constraints,
        integrality=np.ones(len(costs)),
        bounds=optimize.Bounds(0, 1),
        options={"mip_rel_gap": 0, "node_limit": nodes},
    )
    return np.round(found.x) if found.status == 0 else None


def _greedy(sets: Sequence[frozenset], costs: Sequence[float]) -> list[int]:
    left, taken = frozenset().union(*sets), []
    while left:
        best = max(range(len(sets)), key=lambda place: (len(sets[place] & left), -costs[place], -place))
        taken.append(best)
        left -= sets[best]
    return sorted(taken)
