"""If a later step fails, an `AsyncExitStack` releases everything that it has entered."""

# also compared with: valves=6 stuck=5
# also compared with: valves=2 stuck=8

import asyncio
import contextlib
import os

VALVES = int(os.environ.get("KNOB_VALVES", 4))
STUCK = int(os.environ.get("KNOB_STUCK", 2))


# ANCHOR: rollback
class Valve:
    def __init__(self, n: int) -> None:
        self.n = n

    async def __aenter__(self) -> "Valve":
        await asyncio.sleep(0.01)
        if self.n == STUCK:
            raise OSError(f"valve {self.n} is stuck")
        print(f"gardener has opened valve {self.n}")
        return self

    async def __aexit__(self, *error) -> None:
        await asyncio.sleep(0.01)
        print(f"gardener has closed valve {self.n}")


async def water() -> None:
    async with contextlib.AsyncExitStack() as opened:
        for n in range(VALVES):
            await opened.enter_async_context(Valve(n))
        await asyncio.sleep(0.05)


async def main() -> None:
    try:
        await asyncio.create_task(water())
        print("the garden is watered")
    except OSError as error:
        print(f"the garden stays dry: {error}")
# ANCHOR_END: rollback


asyncio.run(main())
