from __future__ import annotations

import json

from regulab.lab.grading.probes import TRAININGS, facts_probes


def test_a_probe_for_a_variable_gives_its_facts_as_json_where_the_variable_is() -> None:
    namespace = {"batches": 40}
    probes = facts_probes(["batches", "epochs"])
    assert json.loads(eval(probes["batches"], namespace))["value"] == 40
    assert json.loads(eval(probes["epochs"], namespace))["kind"] == "missing"


def test_the_probe_for_trainings_gives_a_list_as_json() -> None:
    assert json.loads(eval(TRAININGS.replace("{known}", '["a1b2c3d4"]'), {})) == []
