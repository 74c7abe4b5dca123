"""Recipes without a junction: systems of one paper that have a theory of their own, one table each.

A study is answered by the module of its name in sgle.analysis.studies, by `sgle landauer` and `sgle run` alike. Its
table goes without [system], baths and everything that is about trajectories.
"""

from sgle.recipe.forces import Forces
from sgle.recipe.jellium import Jellium
from sgle.recipe.nanowire import Nanowire
from sgle.recipe.nanowire_junction import NanowireJunction
from sgle.recipe.schema import Table

STUDIES: dict[str, type[Table]] = {
    "forces": Forces,
    "jellium": Jellium,
    "nanowire": Nanowire,
    "nanowire_junction": NanowireJunction,
}


class NoJunction(Table):
    """Stands for `[system]` in a study."""
