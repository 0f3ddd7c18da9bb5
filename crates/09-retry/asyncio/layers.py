"""If every layer retries, the attempts multiply; if only one layer retries, they do not."""

# also compared with: attempts=1
# also compared with: attempts=4

import asyncio
import os

ATTEMPTS = int(os.environ.get("KNOB_ATTEMPTS", 3))


# ANCHOR: layers
class Down(Exception):
    """The database is down."""


class GaveUp(Exception):
    """The layer below has given up."""


class Stack:
    def __init__(self, *retried: type[Exception]) -> None:
        self.retried = retried
        self.requests = 0

    async def app(self) -> None:
        await self.retry(self.page)

    async def page(self) -> None:
        await self.retry(self.service)

    async def service(self) -> None:
        await self.retry(self.database)

    async def retry(self, layer_below) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await layer_below()
            except (Down, GaveUp) as error:
                if attempt == ATTEMPTS or not isinstance(error, self.retried):
                    raise GaveUp from error
            await asyncio.sleep(0.005)
# ANCHOR_END: layers

    async def database(self) -> None:
        self.requests += 1
        await asyncio.sleep(0.005)
        raise Down


async def count_requests(name: str, stack: Stack) -> None:
    try:
        await stack.app()
    except GaveUp:
        print(f"{name} requests to the database: {stack.requests}")


async def main() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(count_requests("every layer", Stack(Down, GaveUp)))
        group.create_task(count_requests("one layer", Stack(Down)))


asyncio.run(main())
