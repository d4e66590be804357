"""A search in; what Optuna draws its parameters from, and how, out."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from optuna import pruners, samplers
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import FrozenTrial, TrialState

from headrace.options.search import Choice, Dimension, Float, Integer, Search, Space

WARM_UP = 4
RANDOM_SHARE, FEWEST_RANDOM, MOST_RANDOM = 4, 2, 10


def distributions(space: Space) -> dict[str, BaseDistribution]:
    """Every dimension as Optuna has it."""
    return {name: _distribution(dimension) for name, dimension in space.items()}


def meant(space: Space, drawn: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters that a trial's values stand for."""
    return {name: json.loads(drawn[name]) if isinstance(space[name], Choice) else drawn[name] for name in drawn}


def said(space: Space, params: Mapping[str, Any]) -> dict[str, Any]:
    """The other way round: the values of a trial with `params`, less those that lie outside the space."""
    inside = {name: each for name, each in space.items() if name in params and each.holds(params[name])}
    return {name: _said(dimension, params[name]) for name, dimension in inside.items()}


def sampler(search: Search, seed: int) -> samplers.BaseSampler:
    """Where the next trial looks; the first ones look anywhere."""
    if search.sampler == "random":
        return samplers.RandomSampler(seed)
    begin = min(MOST_RANDOM, max(FEWEST_RANDOM, search.trials // RANDOM_SHARE))
    return samplers.TPESampler(n_startup_trials=begin, seed=seed)


def pruner(search: Search, trials: Sequence[FrozenTrial]) -> pruners.BasePruner:
    """Nobody is held against the median in the first part of a training, or slow learners would have no chance."""
    match search.pruner:
        case "median":
            longest = max((trial.last_step or 0 for trial in trials if trial.state == TrialState.COMPLETE), default=0)
            return pruners.MedianPruner(n_warmup_steps=longest // WARM_UP)
        case "hyperband":
            return pruners.HyperbandPruner()
    return pruners.NopPruner()


def _distribution(dimension: Dimension) -> BaseDistribution:
    match dimension:
        case Integer():
            return IntDistribution(*dimension.int, log=dimension.log)
        case Float():
            return FloatDistribution(*dimension.float, log=dimension.log)
    return CategoricalDistribution([_said(dimension, value) for value in dimension.choice])


def _said(dimension: Dimension, value: Any) -> Any:
    """A choice is kept as JSON, for Optuna's database has no lists."""
    return json.dumps(value, sort_keys=True) if isinstance(dimension, Choice) else value
