"""The emulator behind its fronts, and a client of Microsoft's beside it, in a process of its own that can be given up on."""

import collections
import json
import os
import queue
import subprocess
import tempfile
import threading
import urllib.request
from urllib.parse import quote

from clients.tls import Authority, Fronts
from common import OPENER, Emulator, clean_environment

HERE = os.path.dirname(os.path.abspath(__file__))
GROUP, WORKSPACE = "rg-contoso-ml", "contoso-ml"


class Stage:
    """An emulator whose links name the fronts, so that every request of a client is https."""

    def __enter__(self):
        self.directory = tempfile.TemporaryDirectory()
        authority = Authority(self.directory.name)
        self.bundle = authority.bundle
        self.fronts = Fronts(authority)
        arm, blob = self.fronts.origins
        self.emulator = Emulator("--origin", arm, "--blob-origin", blob).__enter__()
        self.fronts.lead(self.emulator.listens, self.emulator.listens_blob)
        # azureml-core reads where its cloud is from a file, as in a cloud of one's own; the emulator says what is in it.
        self.clouds = os.path.join(self.directory.name, "clouds.json")
        with OPENER.open(f"{self.emulator.listens}/metadata/endpoints?api-version=2019-05-01", timeout=60) as answer:
            with open(self.clouds, "wb") as file:
                file.write(answer.read())
        return self

    def __exit__(self, *error):
        self.emulator.__exit__(*error)
        self.fronts.close()
        self.directory.cleanup()

    def names_on_first_page(self, run):
        """The metrics of a run that its list gives before any token is asked for, read without a client."""
        scope = next(each["id"] for each in self.emulator.workspaces if each["name"] == WORKSPACE)
        head = {"content-type": "application/json", "authorization": "Bearer witness"}
        address = f"{self.emulator.listens}/metric/v2.0{scope}/runs/{quote(run, safe='')}/list"
        with OPENER.open(urllib.request.Request(address, b"{}", head), timeout=60) as answer:
            return [each["metricKey"]["name"] for each in json.loads(answer.read())["value"]]


class Silence(Exception):
    """A client did not come to an end in its time, or ended without an answer; the text says what it was asked, and how often."""


class Refusal(Exception):
    """The client raised: its own words."""


class Client:
    """One of Microsoft's clients. `asked` holds the requests of the last question; `strayed` what it wanted beyond loopback."""

    def __init__(self, package, python, program, stage, **environment):
        self.package, self.python, self.program, self.stage = package, python, program, stage
        self.environment = environment
        self.process = None
        self.asked, self.strayed, self.questions = [], [], 0

    def __enter__(self):
        # The version is what the client's own environment says that it is.
        self.name = f"{self.package} {self.start()}"
        return self

    def __exit__(self, *_):
        self.end()

    def start(self):
        self.home = tempfile.TemporaryDirectory()
        self.errors = open(os.path.join(self.home.name, "stderr"), "w+", encoding="utf-8", errors="replace")
        environment = {
            **clean_environment(self.home.name),
            "AZURE_CONFIG_DIR": os.path.join(self.home.name, "azure"),
            "ARM_CLOUD_METADATA_URL": f"file://{self.stage.clouds}",
            "AZUREML_CURRENT_CLOUD": "AzureCloud",
            "REQUESTS_CA_BUNDLE": self.stage.bundle,
            "SSL_CERT_FILE": self.stage.bundle,
            "PYTHONWARNINGS": "ignore",
            **self.environment,
        }
        self.process = subprocess.Popen(
            [self.python, os.path.join(HERE, self.program)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
            env=environment,
            cwd=self.home.name,
        )
        self.answers = queue.Queue()
        threading.Thread(target=_listen, args=(self.process.stdout, self.answers), daemon=True).start()
        emulator = self.stage.emulator
        place = {"arm": emulator.arm, "subscription": emulator.subscription, "tenant": emulator.tenant}
        where = {**place, "group": GROUP, "workspace": WORKSPACE, "package": self.package}
        return self.exchange(f"the start of {self.package}", 60, where)

    def end(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process.stdin.close()
            self.errors.close()
            self.home.cleanup()
            self.process = None

    def ask(self, subject, seconds=60, about=None, **details):
        """What the client told. A client that has been given up on is started anew for the next question."""
        if self.process is None:
            self.start()
        self.stage.emulator.tell("/reset", {})
        return self.exchange(about or subject, seconds, {"subject": subject, **details})

    def exchange(self, what, seconds, question):
        self.questions += 1
        try:
            self.process.stdin.write(json.dumps(question) + "\n")
            self.process.stdin.flush()
            line = self.answers.get(timeout=seconds)
        except (BrokenPipeError, queue.Empty):
            line = None
        self.asked = self.stage.emulator.ask("/requests")["log"]
        if not line:
            ended = self.process.poll()
            how = f"did not end within {seconds} s" if ended is None else f"ended the client (exit code {ended})"
            tail = self.said() if ended is not None else ""
            self.end()
            raise Silence(f"{what} {how}: {self.busiest()}{tail}")
        answer = json.loads(line)
        self.strayed += answer["strayed"]
        if "error" in answer:
            raise Refusal(" ".join(answer["error"].split()))
        return answer["told"]

    def busiest(self):
        """How often the address was asked that was asked most: in a list without end, the number of its pages."""
        if not self.asked:
            return "nothing was asked"
        pages = collections.Counter(f"{each['method']} {_bare(each['path'])}" for each in self.asked)
        address, count = pages.most_common(1)[0]
        return f"{count} pages were asked, by {address}"

    def pages(self, end):
        """How many requests of the last question went to addresses with this end."""
        return sum(_bare(each["path"]).endswith(end) for each in self.asked)

    def said(self):
        self.errors.flush()
        self.errors.seek(0)
        return "; it said: " + " ".join(self.errors.read()[-600:].split())


def _bare(path):
    """The path without its query, and without the long prefix of the workspace."""
    return path.split("?")[0].split(f"/workspaces/{WORKSPACE}")[-1]


def _listen(stream, answers):
    for line in stream:
        answers.put(line)
    answers.put(None)
