"""A new task gets a copy of the context, and with it the fields of its parent's lines."""

import asyncio
import logging
from contextvars import ContextVar

log = logging.getLogger("follow")
SPAN: ContextVar[str] = ContextVar("span", default="")


# ANCHOR: follow
async def order() -> None:
    SPAN.set(" order{id=7}:")
    log.info("ordered")
    stray = asyncio.create_task(mail(), name="stray")
    followed = asyncio.create_task(mail(), name="followed")
    await stray
    await followed
    print("order both mails are out")
# ANCHOR_END: follow


async def mail() -> None:
    await asyncio.sleep(0.01)
    log.info("sent")


class Print(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        name = asyncio.current_task().get_name()
        print(f"{name} {record.levelname}{SPAN.get()} {record.getMessage()}")


async def main() -> None:
    await asyncio.create_task(order(), name="order")


logging.basicConfig(level=logging.INFO, handlers=[Print()])
asyncio.run(main())
