"""Starts MiniStack on 127.0.0.1:443, behind AWS's own names, with IAM enforced and a certificate that only this trial trusts."""

import os
import pathlib
import subprocess
import time
import urllib.error
import urllib.request

REGION = "eu-west-1"
DOMAIN = f"{REGION}.amazonaws.com"
# What the functions and the clients talk to. An API's own name is added when it is known.
SERVICES = ["cloudformation", "dynamodb", "email", "iam", "lambda", "s3", "secretsmanager", "sts"]
PATIENCE = 60
SYSTEM_CERTIFICATES = pathlib.Path("/etc/ssl/certs/ca-certificates.crt")


class Emulator:
    def __init__(self, work):
        self.work = work
        self.hosts = work / "hosts"
        self.log = work / "ministack.log"
        self.process = None

    def start(self):
        self._certificate()
        self.add_hosts(DOMAIN, *(f"{service}.{DOMAIN}" for service in SERVICES), "iam.amazonaws.com")
        os.environ.update(self._of_clients())
        (self.work / "tmp").mkdir()
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                ["ministack"], env={**os.environ, **self._of_the_emulator()}, stdout=log, stderr=subprocess.STDOUT
            )
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"MiniStack did not start:\n{self.log.read_text()[-2000:]}")
            time.sleep(0.1)

    def add_hosts(self, *names):
        with self.hosts.open("a") as hosts:
            hosts.writelines(f"127.0.0.1 {name}\n" for name in names)

    def _of_clients(self):
        bundle = str(self.work / "bundle.crt")
        return {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_ENDPOINT_URL": "https://localhost",
            **dict.fromkeys(["AWS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"], bundle),
        }

    def _of_the_emulator(self):
        return {
            "AUTH": "true",
            "BIND_HOST": "127.0.0.1",
            # It listens on 443 beside it.
            "GATEWAY_PORT": "4566",
            "MINISTACK_HOST": DOMAIN,
            "MINISTACK_REGION": REGION,
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "USE_SSL": "1",
            "MINISTACK_SSL_CERT": str(self.work / "leaf.crt"),
            "MINISTACK_SSL_KEY": str(self.work / "leaf.key"),
            "TMPDIR": str(self.work / "tmp"),
        }

    def _certificate(self):
        names = ["localhost", DOMAIN, f"*.{DOMAIN}", f"*.execute-api.{DOMAIN}", f"*.s3.{DOMAIN}", "*.amazonaws.com"]
        extensions = self.work / "extensions"
        extensions.write_text(
            "basicConstraints=critical,CA:FALSE\nsubjectAltName=" + ",".join(f"DNS:{name}" for name in names)
        )
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        authority = ["-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign"]
        self._openssl("req", "-x509", *key, "-days", "2", "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=trial", *authority)
        self._openssl("req", *key, "-keyout", "leaf.key", "-out", "leaf.csr", "-subj", "/CN=emulator")
        signer = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "extensions"]
        self._openssl("x509", "-req", "-in", "leaf.csr", *signer, "-out", "leaf.crt")
        (self.work / "bundle.crt").write_text(SYSTEM_CERTIFICATES.read_text() + (self.work / "ca.crt").read_text())

    def _openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], cwd=self.work, check=True, capture_output=True)

    @staticmethod
    def _answers():
        try:
            with urllib.request.urlopen("https://localhost/_ministack/health", timeout=5) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False
