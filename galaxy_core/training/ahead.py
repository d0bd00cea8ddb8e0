"""Batches made by threads while the network works on those before them, handed out in their own order."""

from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from galaxy_core.training.feed import Batch


def made_ahead(batches: Sequence[Batch], which: range, n_threads: int) -> Generator[Batch, None, None]:
    """Those batches, in order; up to two a thread are made before they are asked for.

    An error in a thread is raised where its batch would have come. Close the iterator to end the threads.
    """
    waiting: deque[Future[Batch]] = deque()
    with ThreadPoolExecutor(n_threads, "ahead") as pool:
        try:
            for number in which:
                waiting.append(pool.submit(batches.__getitem__, number))
                if len(waiting) > 2 * n_threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
