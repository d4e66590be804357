"""A model in; what the machine can do with it without a server, out."""

from concurrent.futures import ThreadPoolExecutor
from time import perf_counter

from headrace import catalogue, loading
from headrace.models.session import Session
from tests.bench.serving.models import Model


def rate(model: Model, threads: int, seconds: float) -> float:
    """Answers a second, decoding included, by so many threads with a session each."""

    def work(_: int) -> int:
        answer, count, end = _answering(model), 0, perf_counter() + seconds
        while perf_counter() < end:
            answer()
            count += 1
        return count

    with ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(work, range(threads))) / seconds


def milliseconds(model: Model, calls: int) -> float:
    """The median of single calls, on as many cores as the workload gives its model."""
    answer = _answering(model)
    answer()
    taken = []
    for _ in range(calls):
        started = perf_counter()
        answer()
        taken.append((perf_counter() - started) * 1e3)
    return sorted(taken)[calls // 2]


def _answering(model: Model):  # type: ignore[no-untyped-def]  # a closure over two untyped libraries' objects
    codec, limits = loading.serving(model.workload).open(model.export), catalogue.describe(model.workload).serving
    session = Session(model.export, limits.batch, limits.threads)
    instances = [{"image": model.body}]
    return lambda: codec.decode(session.run(codec.encode(instances)), instances)
