"""Junctions ready to use: one builder per system, each returning a sgle.Junction."""

from sgle.models.chain import electron_chain
from sgle.models.gold.junction import gold_chain
from sgle.models.ribbon import graphene_ribbon

__all__ = ["electron_chain", "gold_chain", "graphene_ribbon"]
