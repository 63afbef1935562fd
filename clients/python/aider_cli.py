import os
import pathlib
import subprocess
import sys
import tempfile

from report import API_KEY, ORIGIN, report

EDIT_MODEL = os.environ["CLIENT_EDIT_MODEL"]
QUIET = ["--no-git", "--yes-always", "--no-check-update", "--no-show-model-warnings", "--analytics-disable"]


def edit(*flags):
    """Asks for one edit in an empty folder, and expects it in the file."""
    with tempfile.TemporaryDirectory() as folder:
        ran = subprocess.run(
            [
                pathlib.Path(sys.executable).with_name("aider"),
                *("--model", f"openai/{EDIT_MODEL}", "--edit-format", "whole", *QUIET, *flags),
                *("--message", "Write a greeting.", "hello.txt"),
            ],
            cwd=folder,
            env={
                **os.environ,
                "HOME": folder,
                "OPENAI_API_BASE": f"{ORIGIN}/v1",
                "OPENAI_API_KEY": API_KEY,
                "LITELLM_LOCAL_MODEL_COST_MAP": "True",
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )
        written = pathlib.Path(folder, "hello.txt")
        text = written.read_text() if written.exists() else ""
        assert "Hello from the edit." in text, f"no edit: {ran.stdout[-1500:]} {ran.stderr[-1500:]}"


report({"edit session": lambda: edit("--no-stream"), "edit session streamed": lambda: edit("--stream")})
