"""Prism, one process a specification, each in front of the same emulator."""

import os
import pathlib
import socket
import subprocess
import time

import common


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Prisms:
    """The judges, by the name of their specification; ended when the block ends."""

    def __init__(self, files, emulator):
        self.files, self.emulator = files, emulator

    def __enter__(self):
        program = pathlib.Path(os.environ["WITNESS_NODE"]) / "node_modules" / ".bin" / "prism"
        self.running, self.ports = {}, {}
        for name, file in self.files.items():
            port = free_port()
            command = [str(program), "proxy", str(file), self.emulator, "--port", str(port), "--host", "127.0.0.1"]
            log = open(pathlib.Path(common.CACHE) / f"prism {name}.log", "w", encoding="utf-8")
            self.running[name] = subprocess.Popen(command, stdout=log, stderr=log)
            log.close()
            self.ports[name] = port
        try:
            for name, port in self.ports.items():
                self.wait_for(name, port)
        except BaseException:
            self.__exit__()
            raise
        return self.ports

    def wait_for(self, name, port):
        """Until it listens: it reads its specification first, which takes seconds."""
        until = time.monotonic() + 120
        while time.monotonic() < until:
            if self.running[name].poll() is not None:
                raise SystemExit(f"Prism ended with {self.running[name].returncode} on {name}; see its log in the cache")
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.2)
        raise SystemExit(f"Prism does not listen for {name} after 120 s")

    def __exit__(self, *_):
        for process in self.running.values():
            process.kill()
        for process in self.running.values():
            process.wait()
