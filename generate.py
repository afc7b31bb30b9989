"""Makes pictures of captions with a trained run.

One caption, eight noises:
  python generate.py --workdir=runs/quickstart --caption="a pink flower"

Several captions, chosen seeds:
  python generate.py --workdir=runs/quickstart --caption="a red flower" \
      --caption="this flower has blue petals" --seeds=0,3,7 --outdir=pictures

Writes one PNG for each caption and seed, grid.png with the captions below the rows, and
captions.json. The same caption and seed always give the same picture.
"""

from absl import flags

from text_to_image.cli import generate

if __name__ == "__main__":
    flags.adopt_module_key_flags(generate)
    generate.console()
