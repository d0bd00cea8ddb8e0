"""Batches made by threads while the network works on those before them, handed out in their own order."""

from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from galaxy_core.training.feed import Batch


def made_ahead(batches: Sequence[Batch], start: int, n_threads: int) -> Generator[Batch, None, None]:
    """Batches number `start` to the last; up to two a thread are made before they are asked for.

    An error in a thread is raised where its batch would have come. Close the iterator to end the threads.
    """
    waiting: deque[Future[Batch]] = deque()
    with ThreadPoolExecutor(n_threads, "photographs") as pool:
        try:
            for number in range(start, len(batches)):
                waiting.append(pool.submit(batches.__getitem__, number))
                if len(waiting) > 2 * n_threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
