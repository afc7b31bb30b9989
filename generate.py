"""Makes pictures of captions with a trained run, or the model of the package.

One caption, eight noises; without --workdir, by the model that comes with the package:
  python generate.py --caption="this flower has long pink petals and a yellow center"
  python generate.py --workdir=runs/quickstart --caption="a pink flower"

Several captions, chosen seeds:
  python generate.py --workdir=runs/quickstart --caption="a red flower" \
      --caption="this flower has blue petals" --seeds=0,3,7 --outdir=pictures

From one caption to another at four noises, and from one noise to another at one caption
(Sec. 5.4, Fig. 8); with both flags, a grid along both:
  python generate.py --workdir=runs/quickstart --caption="a red flower" \
      --interpolate_caption="a yellow flower" --seeds=0-3 --steps=8
  python generate.py --workdir=runs/quickstart --caption="a red flower" \
      --seeds=0 --interpolate_seed=5 --noise_path=spherical

The style of photographs, the content of captions (Fig. 6):
  python generate.py --workdir=runs/quickstart --style_image=a.jpg --style_image=b.jpg \
      --caption="a red flower" --caption="this flower has blue petals"

A run that reads no captions:
  python generate.py --workdir=runs/dcgan --seeds=0-63

A checkpoint that is not the best of its run, and a run as a small directory of its own,
which --workdir takes, too:
  python generate.py --workdir=runs/quickstart --checkpoint=latest \
      --caption="a red flower"
  python generate.py --workdir=runs/quickstart --export=released

Writes one PNG for each picture, and a grid: grid.png with the captions below the rows,
interpolation.png beside interpolation.gif, or style_grid.png. captions.json lists the
pictures of captions and styles. The same caption and seed always give the same picture.
"""

from absl import flags

from text_to_image.cli import generate

if __name__ == "__main__":
    flags.adopt_module_key_flags(generate)
    generate.console()
