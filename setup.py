"""Installs the packages and their console scripts."""

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
    keywords="text-to-image GAN skip-thoughts keras tensorflow reproduction",
    project_urls={"Paper": "https://arxiv.org/abs/1605.05396"},
    classifiers=[
        "Development Status :: 4 - Beta",
        "Intended Audience :: Education",
        "Intended Audience :: Science/Research",
        "Operating System :: OS Independent",
        "Programming Language :: Python :: 3 :: Only",
        *(f"Programming Language :: Python :: 3.{minor}" for minor in (11, 12, 13)),
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
        "Topic :: Scientific/Engineering :: Image Processing",
        "Typing :: Typed",
    ],
    python_requires=">=3.11,<3.14",  # as the wheels of TensorFlow 2.21
    packages=find_packages(
        include=["foundation*", "skipthoughts*", "data_prep*", "text_to_image*"],
    ),
    package_data={
        "foundation": ["py.typed"],
        "skipthoughts": ["py.typed"],
        "data_prep": ["py.typed"],
        # TensorFlow Datasets holds downloads to these hashes.
        "data_prep.flowers102_captions": ["checksums.tsv"],
        # The released model, which generate.py uses without --workdir.
        "text_to_image": [
            "py.typed",
            "pretrained/flowers102/*",
            "pretrained/flowers102/encoder/*",
        ],
    },
    # `make test-lowest` runs the quick suite on exactly the lower bounds.
    install_requires=[
        "tensorflow>=2.21.0",
        "keras>=3.15.0",
        "tensorflow-datasets>=4.9.10",
        "importlib_resources>=6.1",  # tensorflow-datasets imports it
        "scipy>=1.13",  # .mat files of Oxford Flowers-102; algebra of the metrics
        "scikit-learn>=1.5",  # color reader, ROC, TF-IDF
        "numpy>=1.26",
        "pillow>=10.1",  # the first with a scalable built-in font
        "absl-py>=2.1",
        "matplotlib>=3.9",
        "tensorboard>=2.20",  # TensorFlow writes its image summaries through it
        "tqdm>=4.66",  # progress bars; tensorflow-datasets brings it anyway
        "filelock>=3.24",  # locks on every system
        "nltk>=3.10.2",  # splits text; quotes before words as from there on
    ],
    extras_require={
        # The peer of benchmarks/train_step.py; compiles gradients from 2.13 on.
        "bench": ["torch>=2.13"],
        "cuda": ["tensorflow[and-cuda]>=2.21"],
        "dev": [
            "pytest>=8.2",
            "pytest-xdist>=3.6.1",
            "hypothesis>=6.100",
            "ruff>=0.14",
            "mypy>=1.13",
            "types-tqdm>=4.66.0.20240417",
        ],
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
