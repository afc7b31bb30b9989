r"""Measures a trained run.

Do the pictures have the petal colour that their captions name? On captions of classes
that training did not see, of a data set whose captions name it:
  python evaluate.py colors --workdir=runs/quickstart

Are the pictures good, of their captions, and different? Beside the same of real images:
  python evaluate.py scores --workdir=runs/quickstart --split=test

Does the style encoder tell images with the same background colour from others, and do
transferred pictures have it (Sec. 5.3, Fig. 5)? Writes style_roc.png and
style_segmentation.png into the run, which needs a style encoder:
  python train.py --flagfile=configs/style_encoder.cfg --workdir=runs/quickstart
  python evaluate.py style --workdir=runs/quickstart

Are the pictures good, of their captions, and different from each other? On captions of
classes that training did not see, each score beside the same of real images and of
controls; features by any Keras model, the inception score by a classifier of flowers:
  python evaluate.py train_classifier --cache_dir=data/flowers102 \
      --output=classifier.keras
  python evaluate.py scores --workdir=runs/flowers102_cpu \
      --feature_model=efficientnet_lite0.keras --classifier=classifier.keras

Each prints what it measured, and appends it to metrics.jsonl of the run.

The paper's figures, of this run (docs/paper.md says which is which), into
runs/quickstart/figures/:
  python evaluate.py figures --workdir=runs/quickstart
"""

from absl import flags

from text_to_image.cli import evaluate

if __name__ == "__main__":
    flags.adopt_module_key_flags(evaluate)
    evaluate.console()
