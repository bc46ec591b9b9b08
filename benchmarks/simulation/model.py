"""Customers who order at some rate, and the parts of the shop that they queue for."""

import random
from collections import defaultdict
from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack

import simpy
from attrs import define, field, frozen

from benchmarks.simulation.shop import Shop, Step

Process = Generator[simpy.Event, None, None]

# So many orders show a queue that grows, and the slowest one of a hundred.
ORDERS = 4000


@define
class Queue:
    """A part of the shop while it is simulated: who may use it now, and how long the others waited."""

    env: simpy.Environment
    resource: simpy.Resource
    waits: list[float] = field(factory=list)

    def use(self, seconds: float) -> Process:
        with self.resource.request() as turn:
            yield from self.wait(turn)
            yield self.env.timeout(seconds)

    def wait(self, turn: simpy.Event) -> Process:
        asked = self.env.now
        yield turn
        self.waits.append(self.env.now - asked)


@frozen
class Simulated:
    """How it went: waits for each part, and how long each story took its customers, in seconds."""

    waits: Mapping[str, Sequence[float]]
    stories: Mapping[str, Sequence[float]]


def simulate(shop: Shop, rate: float, orders: int = ORDERS, seed: int = 1) -> Simulated:
    """Lets so many orders come, `rate` of them a second on average, at times that nobody agreed on."""
    env, chance = simpy.Environment(), random.Random(seed)  # noqa: S311 - it decides when customers come
    queues = {name: Queue(env, simpy.Resource(env, part.servers or 1)) for name, part in shop.parts.items()}
    stories: defaultdict[str, list[float]] = defaultdict(list)

    def customer() -> Process:
        spent: defaultdict[str, float] = defaultdict(float)
        is_hot = chance.random() < shop.hot_share
        for step in shop.steps:
            for _ in range(step.times):
                if chance.random() < step.cached:
                    continue
                began = env.now
                yield from _step(step, is_hot)
                spent[step.story] += env.now - began
        for story, seconds in spent.items():
            stories[story].append(seconds)

    def _step(step: Step, is_hot: bool) -> Process:
        for _ in range(step.api):
            yield from queues["api"].use(shop.parts["api"].gap)
        with ExitStack() as held:
            # Whoever calls another function waits for it, so all of them are held till the end.
            for name in (["consumers"] if step.queue else []) + ["functions"] * (1 + step.called):
                turn = held.enter_context(queues[name].resource.request())
                yield from queues[name].wait(turn)
            yield env.timeout(chance.expovariate(1 / step.seconds))
            for use in step.uses:
                for _ in range(use.times if use.times is not None else int(is_hot)):
                    gap = shop.parts[use.part].gap
                    yield from queues[use.part].use(gap or chance.expovariate(1 / use.seconds))

    def arrivals() -> Process:
        for _ in range(orders):
            env.process(customer())
            yield env.timeout(chance.expovariate(rate))

    env.process(arrivals())
    env.run()
    return Simulated({name: queue.waits for name, queue in queues.items()}, stories)


def nth(values: Sequence[float], share: float) -> float:
    """The value that this share of all values does not pass; 0 of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
