"""How much noise the verdicts bear: overfitting and plateaus of one length and one noise each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from curves import Draw, levels_off, overfits

from regulab.findings.checks import diagnose_member
from regulab.histories.readers.plain import to_history

NOISE, EPOCHS = (0.01, 0.02, 0.03, 0.04, 0.06), (10, 20, 50)


@dataclass(frozen=True)
class Share:
    """How often OVERFITTING was missed where it is, and given where the curve levels off, both of `each`."""

    noise: float
    epochs: int
    each: int
    missed: float
    false: float


def shares(*, half: int, each: int) -> list[Share]:
    """For every noise and length."""
    found = []
    for noise in NOISE:
        for epochs in EPOCHS:
            given = {}
            for kind in (overfits, levels_off):
                rngs = [np.random.default_rng([round(1000 * noise), epochs, number]) for number in range(2 * each)]
                tables = [kind(rng, draw=Draw(rng, epochs, noise, 1.0)).table for rng in rngs[half::2]]
                given[kind] = np.mean([_overfits(dict(table)) for table in tables])
            found.append(Share(noise, epochs, each, 1 - float(given[overfits]), float(given[levels_off])))
    return found


def _overfits(table: dict[str, np.ndarray]) -> bool:
    return any(finding.code == "OVERFITTING" for finding in diagnose_member(to_history(table, name="loud")))
