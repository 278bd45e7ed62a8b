"""Campaigns steered: the population that is filtered, played here or on any executor."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from kursksim.ensembles.executors import elsewhere, mapped
from kursksim.ensembles.replication import Campaign, pack
from kursksim.errors import KursksimError
from kursksim.forecasting.book import Book
from kursksim.forecasting.filtering import Step, moved, steer
from kursksim.forecasting.history import member_of
from kursksim.forecasting.particles import Particle, SpanJob, SpanResult, play_span
from kursksim.forecasting.record import Record, chances, of_places
from kursksim.rng import Streams
from kursksim.runs.statistics import place_cell
from kursksim.studies.calibration.box import Box

__all__ = ["Population", "Steering", "begun"]

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Population = Sequence[Particle]


def begun(points: Floats, excess: Floats) -> Population:
    """Particles on the eve of the campaign, one for each set of parameters.

    Parameters
    ----------
    points : array, shape (particles, parameters)
    excess : array, shape (particles,)
        Logarithm of what the draw of each counts already of what is observed later.
    """
    drawn = zip(points, excess.tolist(), strict=True)
    return [Particle(point=point, eve=k, excess=more) for k, (point, more) in enumerate(drawn)]


@dataclass(frozen=True, eq=False, kw_only=True)
class Steering:
    """Campaigns from observation to observation, as ``filtering`` takes them.

    Attributes
    ----------
    campaign : Campaign
        The scenario as it was known, with the seed.
    box : Box
        Ranges of the drawn parameters.
    record : Record
    ends : tuple of int
        Last day of each span; the first ones end with an observation.
    book : Book
    executor : concurrent.futures.Executor or None
    progress : callable or None
        Called with (spans played, spans in all).
    """

    campaign: Campaign
    box: Box
    record: Record
    ends: tuple[int, ...]
    book: Book
    executor: Executor | None = None
    progress: Callable[[int, int], None] | None = None

    def steps(self, particles: Population, observations: int) -> Iterator[Step[Population]]:
        """Take particles through the first spans, each of which ends with an observation."""
        # what their draw counts already is taken out in equal parts, so that none is lost at once
        particles = [replace(p, excess=p.excess / max(observations, 1)) for p in particles]
        streams = Streams(self.campaign.seed)
        return steer(
            self,
            particles,
            len(particles),
            observations,
            luck=lambda step: streams.uniform(-1, f"forecast/resample/{step}"),
        )

    def go(self, particles: Population, step: int) -> Population:
        """Play each particle to the end of a span; those that failed stay where they were."""
        jobs = []
        found = self.book.found(step)
        for k, p in enumerate(particles):
            if not p.error and k not in found:
                values = dict(zip(self.box.ids, self._values(p), strict=True))
                jobs.append(SpanJob(k, p.state, values, p.fresh, self.ends[step]))
        before, whole = step * len(particles), len(self.ends) * len(particles)
        # those that failed are done
        done = before + len(particles) - len(jobs)
        shared = [self.campaign]
        play = partial(play_span, pack(shared) if elsewhere(self.executor) else shared)
        with closing(mapped(self.executor, play, jobs, ordered=False)) as results:
            for result in results:
                self.book.add(step, result)
                found[result.number] = result
                done += 1
                if self.progress:
                    self.progress(done, whole)
        self.book.done(step)
        after = [self._after(p, found[k]) if k in found else p for k, p in enumerate(particles)]
        if all(p.error for p in after):
            raise KursksimError(f"all {len(after)} engines failed; the first: {after[0].error}")
        return after

    def _values(self, particle: Particle) -> list[float]:
        """Parameter values of a particle, in the units of the ledger."""
        values: list[float] = self.box.values(particle.point[None, :])[0].tolist()
        return values

    def _after(self, p: Particle, result: SpanResult) -> Particle:
        if result.error:
            return replace(p, error=result.error)
        point, asked = p.point.copy(), self._values(p)
        for i, name in enumerate(self.box.ids):
            # one that could not be moved; days are rounded when they are played, not before
            if result.values[name] != asked[i]:
                point[i] = (result.values[name] - self.box.low[i]) / self.box.span[i]
        spans = (*p.spans, result.span)
        return replace(p, point=point, fresh=(), state=result.state, spans=spans)

    def log_likelihood(self, particles: Population, step: int) -> Floats:
        """Logarithm of the chance of what came in at the end of a span."""
        return chances(self.record, particles, self._cells(), self.ends[step])

    def taken(self, particles: Population, power: float, step: int) -> Population:
        """The particles once what came in is in their weights, tempered by a power."""
        if not self.record.reports:
            return particles
        now = of_places(self.record, particles, self._cells(), self.ends[step])
        shares = zip(particles, now.tolist(), strict=True)
        return [replace(p, told=p.told + power * (told - p.told)) for p, told in shares]

    def renewed(
        self, particles: Population, weights: Floats, ancestors: Ints, step: int
    ) -> Population:
        """Particles drawn by weight, each with fresh luck and slightly moved parameters."""
        points = np.array([p.point for p in particles])
        generator = Streams(self.campaign.seed, step).on(-1, "forecast/move")
        noise = generator.standard_normal(points.shape)
        points = moved(points, weights, ancestors, noise)
        # numbers that no particle had before
        first = (step + 1) * len(particles)
        tomorrow = self.ends[step] + 1
        return [
            replace(particles[k], point=points[slot], fresh=((tomorrow, first + slot),))
            for slot, k in enumerate(ancestors)
        ]

    def _cells(self) -> Mapping[str, int]:
        """Cells of the places that were reported captured and are held on the eve."""
        eve = member_of(self.campaign, 0, ())
        cells = {r.place: place_cell(eve, r.place) for r in self.record.reports}
        return {p: c for p, c in cells.items() if c is not None and eve.start[c]}
