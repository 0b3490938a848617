"""The sandbox as a process: `python -m entrypoints.sandbox.process --port 12111`."""

import argparse
import os
from dataclasses import replace

import uvicorn

from entrypoints.logs import configure
from entrypoints.sandbox.app import create_app
from entrypoints.sandbox.settings import SandboxSettings, from_environment


def serve(host: str, port: int, settings: SandboxSettings) -> None:
    """Runs until it is told to stop."""
    server(host, port, settings).run()


def server(host: str, port: int, settings: SandboxSettings) -> uvicorn.Server:
    """For whoever runs it on a loop or thread of their own; `public_url` must name the same port."""
    config = uvicorn.Config(create_app(settings), host=host, port=port, log_config=None, access_log=False)
    return uvicorn.Server(config)


def main() -> None:
    configure()
    parser = argparse.ArgumentParser(description="Simulated vendors for FastCart.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=12111)
    options = parser.parse_args()
    settings = from_environment(os.environ)
    if "SANDBOX_PUBLIC_URL" not in os.environ:
        settings = replace(settings, public_url=f"http://{options.host}:{options.port}")
    serve(options.host, options.port, settings)


if __name__ == "__main__":
    main()
