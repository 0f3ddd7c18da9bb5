"""A worker that dies or fails puts its item back; after the last delivery it is a dead letter."""

# also compared with: workers=2 deliveries=1
# also compared with: workers=5 deliveries=5

import asyncio
import contextlib
import os

WORKERS = int(os.environ.get("KNOB_WORKERS", 3))
DELIVERIES = int(os.environ.get("KNOB_DELIVERIES", 3))


# ANCHOR: redelivery
class WorkQueue:
    """What `asyncio.Queue` lacks: an unfinished item goes back to its old position."""

    def __init__(self) -> None:
        self.items = asyncio.PriorityQueue()
        self.dead_letters = []

    def put(self, order: int, item: str, attempt: int = 1) -> None:
        self.items.put_nowait((order, attempt, item))

    @contextlib.asynccontextmanager
    async def job(self):
        order, attempt, item = await self.items.get()
        try:
            yield item, attempt
        except BaseException:
            if attempt < DELIVERIES:
                self.put(order, item, attempt + 1)
            else:
                self.dead_letters.append(item)
            raise
        finally:
            self.items.task_done()


async def deliver(name: str) -> None:
    await asyncio.sleep(0.025)
    if name == "????":
        raise ValueError(f"cannot read {name}")


async def work(n: int, letters: WorkQueue) -> None:
    while True:
        try:
            async with letters.job() as (name, attempt):
                print(f"worker-{n} takes {name}'s letter")
                await deliver(name)
                print(f"worker-{n} delivered {name}'s letter, attempt {attempt}")
        except ValueError as error:
            print(f"worker-{n} {error}, attempt {attempt}")


async def main() -> None:
    letters = WorkQueue()
    for order, letter in enumerate(["Ada", "Bob", "????", "Cem", "Dai", "Eva"]):
        letters.put(order, letter)
    workers = [asyncio.create_task(work(n, letters)) for n in range(WORKERS)]
    await asyncio.sleep(0.01)
    workers[0].cancel()
    await letters.items.join()
    dead = ", ".join(f'"{letter}"' for letter in letters.dead_letters)
    print(f"dead letters: [{dead}]")
    for worker in workers:
        worker.cancel()
# ANCHOR_END: redelivery


asyncio.run(main())
