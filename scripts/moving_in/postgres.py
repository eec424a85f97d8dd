"""A PostgreSQL of its own, which listens on a socket in a directory that goes with it."""

import os
import pathlib
import pwd
import shutil
import subprocess
import tempfile


class Database:
    """The server. As root it runs as the user that Debian's package makes, since it refuses to run as root."""

    def __enter__(self):
        self.programs = max(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))
        self.directory = pathlib.Path(tempfile.mkdtemp())
        self.user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        if os.geteuid() == 0:
            shutil.chown(self.directory, "postgres")
        self.run("initdb", "-D", self.directory / "data", "--auth=trust", "--encoding=UTF8")
        options = f"-c listen_addresses= -k {self.directory} -c fsync=off"
        self.run("pg_ctl", "-D", self.directory / "data", "-w", "-o", options, "-l", self.directory / "log", "start")
        self.count = 0
        return self

    def __exit__(self, *_):
        self.run("pg_ctl", "-D", self.directory / "data", "-m", "immediate", "stop")
        shutil.rmtree(self.directory)

    def run(self, program, *arguments):
        user = {"user": self.user, "group": pwd.getpwnam(self.user).pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
        # The server keeps what it inherits open, so a pipe would never end.
        with open(self.directory / "said", "w") as said:
            done = subprocess.run(
                [self.programs / program, *arguments], cwd=self.directory, stdin=subprocess.DEVNULL, stdout=said, stderr=said, **user
            )
        assert done.returncode == 0, f"{program}: {(self.directory / 'said').read_text()}"

    def fresh(self, sample):
        """Makes a database of a sample. Returns the environment by which psql finds it."""
        self.count += 1
        names = {"PGHOST": str(self.directory), "PGUSER": self.user, "PGDATABASE": f"sample{self.count}"}
        environment = {**os.environ, **names}
        subprocess.run(["createdb", names["PGDATABASE"]], env=environment, check=True)
        load = ["psql", "-q", "-v", "ON_ERROR_STOP=1", "-f", sample]
        subprocess.run(load, env=environment, check=True, stdout=subprocess.DEVNULL)
        return names
