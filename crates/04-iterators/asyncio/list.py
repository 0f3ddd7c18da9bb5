"""An async iterator over a list yields the same items as `for`, each after its own wait."""

# also compared with: pause=7ms

import asyncio
import os

PAUSE = float(os.environ.get("KNOB_PAUSE", 0.05))


# ANCHOR: list
NUMBERS = [1, 2, 3, 4, 5]


async def main() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(read_list())
        group.create_task(read_stream())


async def read_list() -> None:
    for number in NUMBERS:
        print(f"list reads {number}")


async def read_stream() -> None:
    numbers = Paced(NUMBERS)
    for turn in ["first", "second"]:
        async for number in numbers:
            print(f"stream reads {number}, {turn} pass")


class Paced:
    def __init__(self, items: list) -> None:
        self.items = items

    # A generator: each loop gets its own position. If `__aiter__` returned `self`, the position
    # would be in the object, and the second loop would find nothing.
    async def __aiter__(self):
        for item in self.items:
            await asyncio.sleep(PAUSE)
            yield item
# ANCHOR_END: list


asyncio.run(main())
