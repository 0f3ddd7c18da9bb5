"""A job that timed out or failed raises an error with the reason; it never returns `None`."""

# also compared with: limit=200ms
# also compared with: attempts=2
# also compared with: attempts=5

import asyncio
import os

LIMIT = float(os.environ.get("KNOB_LIMIT", 0.1))
ATTEMPTS = int(os.environ.get("KNOB_ATTEMPTS", 3))


# ANCHOR: reasons
async def in_time(search) -> int | None:
    async with asyncio.timeout(LIMIT):
        return await search


async def retried(server: "Server") -> tuple[int, int]:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return await server.answer(), attempt
        except NoSuchPage as fault:
            raise RuntimeError(f"attempt {attempt} failed permanently") from fault
        except Busy as fault:
            if attempt == ATTEMPTS:
                raise RuntimeError(f"gave up after attempt {attempt}") from fault
            await asyncio.sleep(0.02)


class Busy(Exception):
    pass


class NoSuchPage(Exception):
    pass
# ANCHOR_END: reasons


async def search(name: str, find) -> None:
    try:
        found = await in_time(find)
    except TimeoutError:
        print(f"{name}: no answer within {LIMIT * 1000:.0f} ms")
    else:
        print(f"{name}: there is none" if found is None else f"{name}: found {found}")


async def request(server: "Server") -> None:
    try:
        answer, attempt = await retried(server)
        print(f"{server.name}: {answer} on attempt {attempt}")
    except RuntimeError as error:
        print(f"{server.name}: {error}: {error.__cause__}")


async def find(takes: float, found: int | None) -> int | None:
    await asyncio.sleep(takes)
    return found


class Server:
    def __init__(self, name: str, failures: int, fault: Exception):
        self.name, self.failures, self.fault = name, failures, fault

    async def answer(self) -> int:
        await asyncio.sleep(0.03)
        if self.failures:
            self.failures -= 1
            print(f"{self.name} fails: {self.fault}")
            raise self.fault
        return 42


async def main() -> None:
    await search("slow", find(0.15, 7))
    await search("void", find(0.05, None))
    await request(Server("flaky", 2, Busy("the server is busy")))
    await request(Server("dead", 9, Busy("the server is busy")))
    await request(Server("wrong", 9, NoSuchPage("there is no such page")))


asyncio.run(main())
