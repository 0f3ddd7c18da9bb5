"""An object with `__await__` can be awaited directly."""

import asyncio
from dataclasses import dataclass, replace


# ANCHOR: into_future
@dataclass(frozen=True)
class Request:
    path: str
    takes: float = 0.1

    def taking(self, takes: float) -> "Request":
        return replace(self, takes=takes)

    def __await__(self):
        return self.send().__await__()

    async def send(self) -> str:
        await asyncio.sleep(self.takes)
        return f"{self.path} answered after {self.takes * 1000:.0f} ms"
# ANCHOR_END: into_future


async def main() -> None:
    print(await Request("/slow"))
    print(await Request("/quick").taking(0.05))


asyncio.run(main())
