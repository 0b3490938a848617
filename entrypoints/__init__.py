"""How FastCart is started: HTTP API, worker, CLI, sandbox, and the only place that wires them."""
