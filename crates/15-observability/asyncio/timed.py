"""Every call logs how it ended (done, failed or cancelled) and how long it took."""

# also compared with: limit=80ms
# also compared with: limit=600ms

import asyncio
import functools
import logging
import os

LIMIT = float(os.environ.get("KNOB_LIMIT", 0.2))

log = logging.getLogger("timed")


# ANCHOR: timed
def timed(function):
    @functools.wraps(function)
    async def wrapper(*args, **kwargs):
        call = function.__name__
        clock = asyncio.get_running_loop().time
        start = clock()

        def ms() -> int:
            return round((clock() - start) * 1000)

        try:
            result = await function(*args, **kwargs)
        except asyncio.CancelledError:
            log.warning("cancelled call=%s ms=%d", call, ms())
            raise
        except Exception as error:
            log.error("failed call=%s ms=%d error=%s", call, ms(), error)
            raise
        log.info("done call=%s ms=%d", call, ms())
        return result

    return wrapper


@timed
async def age_of(name: str, delay: float) -> int:
    await asyncio.sleep(delay)
    if name == "bob":
        raise LookupError(f"no user is called {name}")
    return 36
# ANCHOR_END: timed


async def look_up(name: str, delay: float) -> None:
    try:
        async with asyncio.timeout(LIMIT):
            age = await age_of(name, delay)
    except TimeoutError:
        print(f"{name} timed out")
    except LookupError:
        print(f"{name} is unknown")
    else:
        print(f"{name} is {age}")


async def main() -> None:
    async with asyncio.TaskGroup() as group:
        for name, delay in [("ada", 0.1), ("bob", 0.05), ("eve", 0.5)]:
            group.create_task(look_up(name, delay), name=name)


class Print(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        print(asyncio.current_task().get_name(), self.format(record))


logging.addLevelName(logging.WARNING, "WARN")
logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s", handlers=[Print()])
asyncio.run(main())
