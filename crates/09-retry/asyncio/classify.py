"""Only transient errors are retried: a missing page or a bug ends the retry."""

# also compared with: attempts=2
# also compared with: attempts=1

import asyncio
import itertools
import os

ATTEMPTS = int(os.environ.get("KNOB_ATTEMPTS", 3))


# ANCHOR: classify
class Status(Exception):
    def __init__(self, status: int) -> None:
        super().__init__(f"status {status}")
        self.status = status


def is_transient(error: Exception) -> bool:
    match error:
        case Status(status=408 | 425 | 429 | 500 | 502 | 503 | 504):
            return True
        case ConnectionError():
            return True
    return False


async def fetch(name: str, server: "Server") -> int:
    for attempt in itertools.count(1):
        try:
            return int(await server.get())
        except (Status, ConnectionError) as error:
            if not is_transient(error):
                raise
            if attempt == ATTEMPTS:
                raise GaveUp(f"gave up after attempt {attempt}") from error
            print(f"{name} {error}: retrying")
        await asyncio.sleep(0.1)
# ANCHOR_END: classify


class GaveUp(Exception):
    """All attempts have failed; the cause is the last error."""


class Server:
    def __init__(self, responses: list[str | Exception]) -> None:
        self.responses = iter(responses)

    async def get(self) -> str:
        await asyncio.sleep(0.02)
        match next(self.responses):
            case Exception() as error:
                raise error
            case text:
                return text


PAGES = {
    "overloaded": [Status(503), Status(503), "21"],
    "cut off": [ConnectionResetError("the connection broke"), "19"],
    "missing": [Status(404)],
    "garbled": ["warm"],
}


async def read(name: str) -> None:
    try:
        print(f"{name} {await fetch(name, Server(PAGES[name]))} degrees")
    except GaveUp as error:
        print(f"{name} {error}")
    except Status as error:
        print(f"{name} {error}: not retried")
    except ValueError:
        print(f'{name} "warm" is not a number: not retried')


async def main() -> None:
    async with asyncio.TaskGroup() as group:
        for name in PAGES:
            group.create_task(read(name))


asyncio.run(main())
