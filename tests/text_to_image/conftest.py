"""A trained run whose images differ from each other."""

import pytest


@pytest.fixture(scope="session")
def amplified():
    """Returns what amplifies a network: three steps leave its results all alike."""

    def amplify(network):
        weights = network.get_weights()
        network.set_weights([w * 8 if w.ndim > 1 else w for w in weights])
        return network

    return amplify


@pytest.fixture(scope="module")
def model(trained, amplified):
    """The trained run, amplified: each input shows in the pixels."""
    from text_to_image import TextToImage

    model = TextToImage.load(trained)
    amplified(model.generator)
    return model
