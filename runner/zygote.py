"""
The sandbox host's entry: ``python -I runner/zygote.py --control-fd N [options]``.

Started with an empty environment, it imports the runner's libraries, finds a provider
whose self-test passes, and serves the control socket (a Unix stream socket, inherited
as descriptor N) until that closes; then everything that it started dies with it. It
never holds a secret, a second thread or an event loop: a fork of it is a clean runner.

Options: ``--provider auto|bubblewrap|namespaces|none``; ``--warm-socket PATH``
(repeatable) prepares a sandbox for that gateway socket at once; ``--forbid-socket
PATH`` (repeatable) names sockets that the self-test must find out of reach.

Protocol: one JSON object a line, both ways.

  asked    {"op": "spawn", "id": ID, "socket_path": PATH}   with one descriptor by
               SCM_RIGHTS: the read end of a pipe that holds the job
               ({"token": …, "socket_path": …}); the host hands it on and never reads it
           {"op": "kill", "id": ID}
           {"op": "selftest", "id": ID}
  told     {"event": "started", "provider": NAME, "inner_socket": PATH or "",
               "passed": BOOL, "probes": [{"name", "passed", "detail"}],
               "rejected": {NAME: WHY}}
               once, first; "inner_socket" is what the job has to name as socket_path,
               "" where that is the path outside
           {"event": "ready", "id", "pid", "ready_ms"}
           {"event": "exit", "id", "exit_code", "signal", "stderr_tail"}
               always, also where nothing could be started (exit_code 125)
           {"event": "selftest", "id", "provider", "passed", "probes"}
           {"event": "error", "id", "message"}
"""

import importlib
import sys
from pathlib import Path

if __name__ == "__main__":
    # Isolated mode leaves the script's own folder out of the path.
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    raise SystemExit(importlib.import_module("runner.sandbox").main(sys.argv[1:]))
