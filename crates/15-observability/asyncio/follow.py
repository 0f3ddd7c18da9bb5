"""A new task gets a copy of the context, so its lines have the same fields as its parent's."""

import asyncio
import logging
from contextvars import ContextVar

log = logging.getLogger("follow")
SPAN: ContextVar[str] = ContextVar("span", default="")


# ANCHOR: follow
async def order() -> None:
    SPAN.set(" order{id=7}:")
    log.info("ordered")
    outside = asyncio.create_task(mail(), name="outside")
    inside = asyncio.create_task(mail(), name="inside")
    await outside
    await inside
    print("order both mails are sent")
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
