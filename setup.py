"""Installs the three packages and their console scripts."""

from pathlib import Path

from setuptools import find_packages, setup

README = Path(__file__).with_name("README.md")

setup(
    name="text-to-image",
    version="0.1.0",
    description="Generative Adversarial Text to Image Synthesis (Reed et al. 2016)",
    long_description=README.read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    python_requires=">=3.11",
    packages=find_packages(
        include=["foundation*", "skipthoughts*", "data_prep*", "text_to_image*"],
    ),
    package_data={
        # TensorFlow Datasets holds downloads to these hashes.
        "data_prep.flowers102_captions": ["checksums.tsv"],
        # The released model, which generate.py uses without --workdir.
        "text_to_image": ["pretrained/flowers102/*", "pretrained/flowers102/encoder/*"],
    },
    install_requires=[
        "tensorflow>=2.21",
        "keras>=3.15",
        "tensorflow-datasets>=4.9.10",
        "importlib_resources",  # imported by tensorflow-datasets, not declared there
        "scipy",  # .mat files of Oxford Flowers-102; algebra of the metrics
        "numpy",
        "pillow>=10.1",  # the first with a scalable built-in font
        "absl-py",
        "matplotlib",
        "tensorboard",  # TensorFlow writes its image summaries through it
        "tqdm",  # progress bars; tensorflow-datasets brings it anyway
        "nltk>=3.9",  # splits text as the original skip-thoughts release did
    ],
    extras_require={
        # The peer of benchmarks/train_step.py; compiles gradients from 2.13 on.
        "bench": ["torch>=2.13"],
        "cuda": ["tensorflow[and-cuda]>=2.21"],
        "dev": ["pytest", "pytest-xdist", "hypothesis", "ruff", "mypy", "types-tqdm"],
    },
    entry_points={
        "console_scripts": [
            "t2i-prepare = data_prep.__main__:console",
            "t2i-train = text_to_image.cli.train:console",
            "t2i-generate = text_to_image.cli.generate:console",
            "t2i-evaluate = text_to_image.cli.evaluate:console",
            "skipthoughts = skipthoughts.__main__:console",
        ]
    },
)
