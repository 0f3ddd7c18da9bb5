"""A wrapper with `__await__` counts how often its coroutine is resumed."""

import asyncio


# ANCHOR: polls
class Polls:
    """When the coroutine ends, prints how often it was resumed."""

    def __init__(self, name: str, coroutine) -> None:
        self.name = name
        self.coroutine = coroutine

    def __await__(self):
        clock = asyncio.get_running_loop().time
        start, polls = clock(), 0
        steps = self.coroutine.__await__()
        try:
            while True:
                polls += 1
                yield next(steps)
        except StopIteration as end:
            return end.value
        finally:
            ms = round((clock() - start) * 1000)
            print(f"{self.name} was polled {polls} times in {ms} ms")
# ANCHOR_END: polls


async def wait(times: int) -> None:
    for _ in range(times):
        await asyncio.sleep(0.09 / times)


async def order(name: str, waits: int) -> None:
    await Polls(name, wait(waits))


async def main() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(order("one_wait", 1))
        group.create_task(order("three_waits", 3))


asyncio.run(main())
