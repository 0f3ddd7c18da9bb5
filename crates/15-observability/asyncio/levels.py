"""Nothing is shown by itself: the program chooses once, at its start, who shows what."""

import asyncio
import logging


# ANCHOR: levels
def configure(shop_db: str | None = None) -> None:
    logging.basicConfig(level=logging.INFO, force=True)
    if shop_db:
        logging.getLogger("shop.db").setLevel(shop_db)
# ANCHOR_END: levels


def shown(name: str) -> str:
    logger = logging.getLogger(name)
    for level in "DEBUG", "INFO", "WARNING":
        if logger.isEnabledFor(logging.getLevelName(level)):
            return f"from {level} up"
    return "only ERROR"


def under(choice: str) -> None:
    print(f"{choice}: shop {shown('shop')}, shop::db {shown('shop.db')}")


async def main() -> None:
    under("no choice")
    logging.basicConfig()
    under("the default")
    configure()
    under("ours")
    configure(shop_db="DEBUG")
    under("ours, and shop::db=debug")


asyncio.run(main())
