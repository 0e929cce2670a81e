"""Command line of the stand-in; `tests/aws/serve` starts it."""

from __future__ import annotations

import argparse
import os


def main() -> None:
    parser = argparse.ArgumentParser(prog="serve", description=__doc__)
    parser.add_argument("--mode", choices=("plain", "stateful"), required=True)
    parser.add_argument("--port", type=int, default=0)
    arguments = parser.parse_args()
    # moto reads this when it is imported; its list of machine images is not needed here and slow to load.
    os.environ.setdefault("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
    # A stray setting of the caller would put every call into one account.
    os.environ.pop("MOTO_ACCOUNT_ID", None)

    from .server import serve

    serve(arguments.mode, arguments.port)


main()
