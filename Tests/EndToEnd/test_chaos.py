"""Short runs of the chaos harness: every promise holds while replicas are killed and the network misbehaves.

The long ones are `make chaos`; docs/chaos.md tells what is checked and how.
"""

import pytest

from chaos.run import run
from chaos.scenarios import zombie
from chaos.settings import Settings

pytestmark = pytest.mark.alone


def settings(binary, **options):
    return Settings(seed=7, rate=40, pace=2.5, minutes=0.25, binary=binary, **options)


@pytest.mark.timeout(150)
def test_exactly_once_holds_in_a_short_rain_of_faults(binary, capfd):
    code = run(settings(binary, without=("zombie",)))
    assert code == 0, capfd.readouterr().out


@pytest.mark.timeout(150)
def test_a_zombie_neither_calls_nor_commits(binary, capfd):
    code = zombie(settings(binary, scenario="zombie", kills=1))
    assert code == 0, capfd.readouterr().out


@pytest.mark.timeout(150)
def test_at_least_once_loses_nothing_in_a_short_rain_of_faults(binary, capfd):
    code = run(settings(binary, guarantee="at_least_once"))
    assert code == 0, capfd.readouterr().out
