"""Starts LocalEmu, and a Docker engine for its containers. Both have the network of this trial alone, so it does not matter that
Docker publishes ports on all addresses.
"""

import os
import subprocess
import time
import urllib.request

REGION = "eu-west-1"
PORT = 4566
# The address of Docker's bridge. Functions find LocalEmu there.
BRIDGE = "172.17.0.1"
IMAGE = "public.ecr.aws/lambda/provided:al2023"
PATIENCE = 120

# It pulls the image of a function even if it is there, and there is no registry.
START = """
from localemu.services.lambda_.invocation import docker_runtime_executor as executor
from localemu.runtime.main import main
executor.PULLED_IMAGES.update(({image!r}, platform) for platform in executor.ARCHITECTURE_PLATFORM_MAPPING.values())
main()
"""


class Engine:
    def __init__(self, work):
        self.work = work
        self.hosts = work / "hosts"
        self.log = work / "localemu.log"
        self.docker = work / "docker"

    def start(self):
        self._start_docker()
        self._run([os.environ["RATCHET_LOCALEMU"], "-c", START.format(image=IMAGE)], self.log, self._answers, self._settings())
        os.environ.update(
            AWS_ACCESS_KEY_ID="test",
            AWS_SECRET_ACCESS_KEY="test",
            AWS_DEFAULT_REGION=REGION,
            AWS_REGION=REGION,
            AWS_ENDPOINT_URL=f"http://127.0.0.1:{PORT}",
        )

    def add_hosts(self, *names):
        with self.hosts.open("a") as hosts:
            hosts.writelines(f"127.0.0.1 {name}\n" for name in names)

    def _start_docker(self):
        self.docker.mkdir()
        places = {"--data-root": "data", "--exec-root": "exec", "--pidfile": "pid"}
        command = ["dockerd", "--host", self._socket, "--bip", f"{BRIDGE}/16"]
        for option, name in places.items():
            command += [option, str(self.docker / name)]
        self._run(command, self.work / "docker.log", lambda: self._docker("info").returncode == 0)
        self._docker("load", "--input", str(self.work / "image.tar"), check=True)
        self._docker("tag", os.environ["RATCHET_IMAGE"], IMAGE, check=True)

    @property
    def _socket(self):
        return f"unix://{self.docker}/socket"

    def _docker(self, *command, check=False):
        return subprocess.run(["docker", "--host", self._socket, *command], capture_output=True, check=check)

    def _settings(self):
        return {
            "DOCKER_HOST": self._socket,
            "GATEWAY_LISTEN": f"0.0.0.0:{PORT}",
            # It takes some machines for a container, and writes into their folders then.
            "OVERRIDE_IN_DOCKER": "0",
            "FILESYSTEM_ROOT": str(self.work / "filesystem"),
            "TMPDIR": str(self.work),
            "HOSTNAME_FROM_LAMBDA": BRIDGE,
            # It takes the containers to be at 127.0.0.1.
            "LAMBDA_DEV_PORT_EXPOSE": "1",
        }

    @staticmethod
    def _run(command, log, answers, settings=()):
        """Starts what runs until the trial ends, and waits until it answers."""
        with log.open("w") as file:
            process = subprocess.Popen(command, env={**os.environ, **dict(settings)}, stdout=file, stderr=file)
        deadline = time.monotonic() + PATIENCE
        while not answers():
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{command[0]} did not start:\n{log.read_text()[-2000:]}")
            time.sleep(0.2)

    @staticmethod
    def _answers():
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/_localemu/health", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False
