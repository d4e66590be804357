"""The server's pid and a command in; this same process running the command, killed when the server dies, out."""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
NOT_EXECUTABLE, NOT_FOUND = 126, 127


def main() -> None:
    """Become the command; exit 126 or 127 with a sentence where it cannot be run, as a shell does."""
    server, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != server:
        # The server died before it could be watched: nobody would ever end this process.
        sys.exit(128 + signal.SIGKILL)
    # The interpreter ignores SIGPIPE, and exec would hand that on.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    try:
        os.execvp(command[0], command)  # noqa: S606  # running what it was given is all this module does
    except OSError as error:
        sys.stderr.write(f"cannot run {command[0]!r}: {error.strerror}; give a command that is on PATH\n")
        sys.exit(NOT_FOUND if isinstance(error, FileNotFoundError) else NOT_EXECUTABLE)


if __name__ == "__main__":
    main()
