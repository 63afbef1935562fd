import os
import subprocess
import sys
import tempfile
from pathlib import Path
from report import API_KEY, MODEL, ORIGIN, expect_text, report

llm = Path(sys.executable).parent / "llm"


def run(*options):
    with tempfile.TemporaryDirectory() as home:
        models = f"- model_id: us\n  model_name: {MODEL}\n  api_base: {ORIGIN}/v1\n  api_key_name: us\n"
        Path(home, "extra-openai-models.yaml").write_text(models)
        done = subprocess.run(
            [llm, "-m", "us", "--key", API_KEY, *options, "Say hello."],
            env={**os.environ, "LLM_USER_PATH": home},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


report({"text": lambda: expect_text(run("--no-stream")), "stream": lambda: expect_text(run())})
