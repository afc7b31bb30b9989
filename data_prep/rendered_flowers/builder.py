"""The TensorFlow Datasets builder of `rendered_flowers`."""

import dataclasses
import io
import json

import tensorflow_datasets as tfds

from data_prep.rendered_flowers.attributes import (
    CLASSES_PER_COLOR,
    flower_classes,
    sample_attributes,
)
from data_prep.rendered_flowers.drawing import draw_all
from data_prep.rendered_flowers.grammar import CAPTIONS_PER_IMAGE, captions
from data_prep.rendered_flowers.renderer import SIZE

_DESCRIPTION = f"""
Flowers drawn by code from sampled attributes, each with {CAPTIONS_PER_IMAGE} captions
that a grammar writes. Classes are combinations of the colour, number, shape and
arrangement of the petals and the look of the centre; background, pose and light vary
within a class. Training, validation and test share no class, but every colour occurs
in each of them. Nothing is downloaded, and every attribute is known exactly.
"""


@dataclasses.dataclass(kw_only=True)
class RenderedFlowersConfig(tfds.core.BuilderConfig):
    """How many flowers to draw, and which.

    Attributes:
        images_per_class: pictures of each of the 104 classes.
        seed: decides the classes, the pictures and the captions.
    """

    images_per_class: int = 64
    seed: int = 0


class RenderedFlowers(tfds.core.GeneratorBasedBuilder):
    """Drawn flowers with captions; splits `train`, `validation`, `test` by class."""

    name = "rendered_flowers"
    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First version."}
    BUILDER_CONFIGS = [
        RenderedFlowersConfig(
            name="default", description="64 pictures of each of the 104 classes."
        )
    ]

    def _info(self) -> tfds.core.DatasetInfo:
        names = [kind.name for kind in flower_classes(self.builder_config.seed)]
        return tfds.core.DatasetInfo(
            builder=self,
            description=_DESCRIPTION,
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(
                        shape=(SIZE, SIZE, 3), encoding_format="png"
                    ),
                    "captions": tfds.features.Sequence(tfds.features.Text()),
                    "label": tfds.features.ClassLabel(names=names),
                    "filename": tfds.features.Text(),
                    "attributes": tfds.features.Text(doc="JSON of FlowerAttributes."),
                }
            ),
            supervised_keys=None,
            homepage="https://www.tensorflow.org/datasets",
            citation="Drawn by this project's own code; cite the project.",
        )

    def _split_generators(self, dl_manager):
        del dl_manager  # nothing to download
        return {split: self._generate_examples(split) for split in CLASSES_PER_COLOR}

    def _generate_examples(self, split: str):
        """Yields (filename, example) for the flowers of one split."""
        config = self.builder_config
        classes = flower_classes(config.seed)
        labels = [i for i, kind in enumerate(classes) if kind.split == split]
        pictures = draw_all(labels, config.images_per_class, config.seed)
        for label in labels:
            for index in range(config.images_per_class):
                attributes = sample_attributes(label, index, config.seed)
                filename = f"{classes[label].name}_{index:04d}.png"
                yield (
                    filename,
                    {
                        "image": io.BytesIO(next(pictures)),
                        "captions": captions(attributes, label, index, config.seed),
                        "label": label,
                        "filename": filename,
                        "attributes": json.dumps(dataclasses.asdict(attributes)),
                    },
                )
