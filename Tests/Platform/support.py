"""What the platform's tests share: where things are, how to run a program, and real servers on loopback."""

import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "scripts" / "platform"
sys.path.insert(0, str(SCRIPTS))
sys.dont_write_bytecode = True


def run(*command, cwd=ROOT, env=None, timeout=600, stdin=None):
    """Run a program to its end; its output is text, and its exit code is the caller's to judge."""
    return subprocess.run(
        [str(part) for part in command], cwd=cwd, env={**os.environ, **(env or {})}, input=stdin,
        stdin=None if stdin is not None else subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout)


def require(test, *programs):
    """Skip a test, saying why, where a program it drives is not there."""
    for program in programs:
        if shutil.which(program) is None:
            test.skipTest(f"{program} is not installed")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(condition, seconds, what, process=None):
    """Wait until a condition holds, at most so long."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return
        if process is not None and process.poll() is not None:
            raise AssertionError(f"{what}: the program ended with {process.returncode}")
        time.sleep(0.1)
    raise AssertionError(f"{what}: not within {seconds} s")


def answers(url, context=None):
    try:
        with urllib.request.urlopen(url, timeout=2, context=context):
            return True
    except OSError:
        return False


class PlatformTest(unittest.TestCase):
    """A test with a folder of its own, and programs that end with it."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="platform-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def start(self, *command, env=None, log="program.log"):
        """Start a program; it is ended with the test."""
        output = open(self.folder / log, "w", encoding="utf-8")
        self.addCleanup(output.close)
        process = subprocess.Popen([str(part) for part in command], stdout=output, stderr=subprocess.STDOUT,
                                   stdin=subprocess.DEVNULL, env={**os.environ, **(env or {})})
        self.addCleanup(self.end, process)
        return process

    @staticmethod
    def end(process):
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def succeeds(self, done):
        self.assertEqual(done.returncode, 0, f"{done.args}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}")
        return done

    def fails(self, done, *words):
        """The program must fail and say each of the words."""
        self.assertNotEqual(done.returncode, 0, f"{done.args} should have failed:\n{done.stdout[-2000:]}")
        for word in words:
            self.assertIn(word, done.stderr + done.stdout)
        self.assertNotIn("Traceback", done.stderr)
        return done
