"""Measures a trained run.

Do the pictures have the petal colour that their captions name? On captions of classes
that training did not see, of a data set whose captions name it:
  python evaluate.py colors --workdir=runs/quickstart

Prints a table, and appends one line to metrics.jsonl of the run.

The paper's figures, of this run (docs/paper.md says which is which), into
runs/quickstart/figures/:
  python evaluate.py figures --workdir=runs/quickstart
"""

from absl import flags

from text_to_image.cli import evaluate

if __name__ == "__main__":
    flags.adopt_module_key_flags(evaluate)
    evaluate.console()
