"""The losses of the paper as pure functions of logits, in backend-neutral Keras.

Symbols are those of Algorithm 1: `s_r`, `s_w` and `s_f` are D's logits for (real image,
right text), mismatched pairs and (fake image, right text), each `[B]`. With
s = sigmoid(logit), log(s) = -softplus(-logit) and log(1 - s) = -softplus(logit).
"""

from typing import Any

from keras import ops


def judged_real(logits: Any) -> Any:
    """Returns the mean cross-entropy `[]` of logits `[B]` against the label 1."""
    return ops.mean(ops.softplus(-logits))


def judged_fake(logits: Any) -> Any:
    """Returns the mean cross-entropy `[]` of logits `[B]` against the label 0."""
    return ops.mean(ops.softplus(logits))


def discriminator_loss(
    s_r: Any, s_w: Any, s_f: Any, wrong_weight: float = 0.5, fake_weight: float = 0.5
) -> Any:
    """The GAN-CLS objective of the discriminator, to be minimised.

    L_D = -[log(s_r) + (log(1 - s_w) + log(1 - s_f)) / 2]   (Algorithm 1, line 10)

    Args:
        s_r: logits `[B]` of real images with their text.
        s_w: logits `[B]` of mismatched pairs.
        s_f: logits `[B]` of fake images with the text.
        wrong_weight: of the mismatched pairs; 1/2 in the paper.
        fake_weight: of the fake pairs; 1/2 in the paper.

    Returns:
        The loss, a scalar.
    """
    return gan_discriminator_loss(s_r, s_f, fake_weight) + wrong_weight * judged_fake(
        s_w
    )


def gan_discriminator_loss(s_r: Any, s_f: Any, fake_weight: float = 1.0) -> Any:
    """The discriminator's objective without mismatched pairs (Eq. 1), a scalar.

    Args:
        s_r: logits `[B]` of real images with their text.
        s_f: logits `[B]` of fake images with the text.
        fake_weight: of the fake pairs.
    """
    return judged_real(s_r) + fake_weight * judged_fake(s_f)


def generator_loss(s_f: Any) -> Any:
    """The generator's objective, -log(s_f) (Algorithm 1, line 12), a scalar.

    Non-saturating, as the paper words it below Eq. 1: G maximises log(D(G(z))).
    """
    return judged_real(s_f)


def interpolated_generator_loss(
    s_f: Any, s_i: Any, weight: float = 1.0, shared: bool = False
) -> Any:
    """The GAN-INT objective of the generator: Eq. 5 added to `generator_loss`.

    Args:
        s_f: logits `[B]` of fake images with their text.
        s_i: logits `[P]` of fake images of interpolated captions with those.
        weight: of the interpolated captions.
        shared: one mean over all B + P, as the Torch code, instead of one of each.

    Returns:
        The loss, a scalar.
    """
    captions, interpolated = judged_real(s_f), weight * judged_real(s_i)
    if not shared:
        return captions + interpolated
    share = s_f.shape[0] / (s_f.shape[0] + s_i.shape[0])
    return share * captions + (1.0 - share) * interpolated
