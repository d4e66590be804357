"""A learner, a recipe and a run in; trained networks out, as if nothing had ever interrupted the training."""

from collections.abc import Iterator, Mapping
from math import isnan
from time import monotonic
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from headrace.errors import Interrupted, WorkloadFailed
from headrace.learning import machine
from headrace.learning.agreement import Agreement
from headrace.learning.checkpoint import Progress, State
from headrace.learning.drawing import Draws, seed_step
from headrace.learning.learner import Batch, Fitted, Learner
from headrace.learning.loading import Loader
from headrace.learning.meter import Meter
from headrace.learning.recipe import Recipe
from headrace.learning.sampling import Part, Sampler
from headrace.learning.tally import Tally
from headrace.learning.updating import Updates
from headrace.workload import Run

AGREE_SECONDS = 1.0


def fit(learner: Learner, recipe: Recipe, run: Run) -> Fitted:
    """Train to the end, from the last checkpoint where there is one.

    Raises Interrupted when the machine is about to be taken away, with the state saved, or when a peer is lost, and
    WorkloadFailed when a loss is not a number any more.
    """
    with machine.peers(run.world):
        training = _Training(learner, recipe, run)
        try:
            training.run_epochs()
        finally:
            training.loader.close()
        return training.fitted()


class _Training:
    def __init__(self, learner: Learner, recipe: Recipe, run: Run) -> None:
        self.learner, self.recipe, self.run = learner, recipe, run
        self.fabric: Fabric = machine.start(recipe, run.world)
        self.rank = self.fabric.global_rank
        seed_step(recipe.seed)
        self.originals = learner.networks()
        self.networks = machine.set_up(self.fabric, recipe, self.originals)
        self.optimizers = dict(learner.optimizers(self.originals))
        self.rates = {name: [group["lr"] for group in each.param_groups] for name, each in self.optimizers.items()}
        scaled: dict[str, Any] = {name: self.fabric.setup_optimizers(each) for name, each in self.optimizers.items()}
        self.update = Updates(self.fabric, recipe, self.networks, scaled)
        self.sampler = Sampler(learner.size, recipe.batch_size, run.world.size, recipe.seed, learner.lengths)
        self.draws = Draws(recipe.seed, self.rank)
        self.progress = Progress()
        precision = self.fabric.strategy.precision
        self.state = State(self.originals, self.optimizers, learner, precision, self.progress)
        self.state.restore(run)
        self.agreement = Agreement(self.fabric, self.progress.step, min(AGREE_SECONDS, recipe.checkpoint_seconds))
        self.saved = monotonic()
        self.loader = Loader(self._load, recipe.loaders)
        self.loaded = self.loader.each(self._parts())

    @property
    def steps(self) -> int:
        """In all epochs."""
        return self.sampler.batches * self.recipe.epochs

    def run_epochs(self) -> None:
        meter = Meter(self.progress.step, self.steps)
        while self.progress.epoch < self.recipe.epochs and not self._is_over():
            self._epoch(meter)

    def fitted(self) -> Fitted:
        if self.progress.best is not None:
            for name, network in self.originals.items():
                network.load_state_dict(self.progress.best[name])
        networks = {name: network.to("cpu").eval() for name, network in self.originals.items()}
        return Fitted(networks, tuple(self.progress.history))

    def _parts(self) -> Iterator[Part]:
        """All that this rank still has to compute. It is loaded ahead across the ends of epochs too."""
        first = self.progress.batch
        for epoch in range(self.progress.epoch, self.recipe.epochs):
            yield from self.sampler.parts(epoch, first, self.rank, self.recipe.accumulate)
            first = 0

    def _load(self, part: Part) -> tuple[Part, Batch]:
        return part, machine.pinned(self.fabric, self.learner.load(part.rows, self.draws.of(part)))

    def _epoch(self, overall: Meter) -> None:
        progress, epoch = self.progress, Meter(0, self.sampler.batches)
        waited = self.loader.waited
        tally = Tally(self.fabric, progress.sums)
        while progress.batch < self.sampler.batches:
            examples = self._step(tally) * self.fabric.world_size
            overall.add(examples)
            epoch.add(examples)
            self._tell(overall, tally)
        speed = {"examples_per_second": epoch.rate, "input_wait": (self.loader.waited - waited) / epoch.seconds}
        losses = {name: total / progress.batch for name, total in tally.all().items()}
        self._check(losses)
        self._end_epoch({**losses, **self._evaluated()}, speed)

    def _step(self, tally: Tally) -> int:
        """One batch of this rank; how many examples it had."""
        progress, examples = self.progress, 0
        self._set_rates(self.learner.rate(progress.step / self.steps))
        seed_step(self.recipe.seed, progress.step, self.rank)
        for part, batch in self.loaded:
            with self.update.on(part):
                losses = self.learner.step(self.networks, machine.moved(self.fabric, batch), self.update)
            tally.add(losses, part.share)
            examples += len(part.rows)
            if part.last:
                break
        progress.batch += 1
        progress.step += 1
        return examples

    def _set_rates(self, factor: float) -> None:
        for name, rates in self.rates.items():
            for group, rate in zip(self.optimizers[name].param_groups, rates, strict=True):
                group["lr"] = rate * factor

    def _tell(self, meter: Meter, tally: Tally) -> None:
        progress = self.progress
        if meter.due:
            losses = ", ".join(f"{name} {total / progress.batch:.3g}" for name, total in tally.own().items())
            words = f"epoch {progress.epoch + 1}/{self.recipe.epochs}: {losses}; {meter.line(progress.step)}"
            self.run.progress(progress.step / self.steps, words)
        due = monotonic() - self.saved >= self.recipe.checkpoint_seconds
        stop, save = self.agreement.on(progress.step, self.run.stopping, due)
        if stop or save:
            progress.sums = tally.all()
            self._save()
        if stop:
            raise Interrupted(f"stopped at step {progress.step} of {self.steps}; the next attempt goes on from there")

    def _check(self, losses: Mapping[str, float]) -> None:
        for name, loss in losses.items():
            if isnan(loss):
                raise WorkloadFailed(
                    f"the loss {name!r} is no number any more in epoch {self.progress.epoch + 1}; "
                    "train with a lower learning rate, or clip the gradients"
                )

    def _evaluated(self) -> dict[str, float]:
        """Every rank judges for itself, but what rank 0 finds is what all go by."""
        for network in self.networks.values():
            network.eval()
        with torch.no_grad():
            scores = dict(self.learner.evaluate(self.networks))
            for name, png in self.learner.pictures(self.networks, self.progress.epoch).items():
                self.run.picture(name, png)
        for network in self.networks.values():
            network.train()
        return self.fabric.broadcast(scores)

    def _end_epoch(self, scores: dict[str, float], speed: Mapping[str, float]) -> None:
        progress = self.progress
        progress.history.append(scores)
        if self._is_best():
            progress.best_epoch = progress.epoch
            progress.best = {name: _copied(network) for name, network in self.originals.items()}
        progress.epoch, progress.batch, progress.sums = progress.epoch + 1, 0, {}
        rates = {f"learning_rate/{name}": each.param_groups[0]["lr"] for name, each in self.optimizers.items()}
        self.run.log(progress.epoch, {**scores, **rates, **speed})

    def _is_best(self) -> bool:
        if self.learner.monitor is None:
            return False
        name, better = self.learner.monitor
        history, best = self.progress.history, self.progress.best_epoch
        if best < 0 or isnan(history[best][name]):
            return True
        gain = history[-1][name] - history[best][name]
        return gain > 0 if better == "higher" else gain < 0

    def _is_over(self) -> bool:
        patience, progress = self.recipe.patience, self.progress
        if patience is None or self.learner.monitor is None:
            return False
        return progress.epoch - 1 - progress.best_epoch >= patience

    def _save(self) -> None:
        if self.rank == 0:
            self.state.save(self.run)
        self.saved = monotonic()


def _copied(network: nn.Module) -> dict[str, Tensor]:
    return {name: tensor.detach().to("cpu", copy=True) for name, tensor in network.state_dict().items()}
